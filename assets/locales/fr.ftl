# Les textes que repcast ajoute aux entraînements.
rest = Repos
next = Ensuite : { $name }
last = Dernier exercice
done = Terminé
round = Tour { $round } sur { $rounds }
position = { $number } / { $count }
