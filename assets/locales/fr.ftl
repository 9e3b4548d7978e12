# Les mots que repcast met lui-même à l'écran.
rest = Repos
next = Ensuite : { $name }
last = Dernier exercice
done = Terminé
round = Tour { $round } sur { $rounds }
position = { $number } / { $count }
