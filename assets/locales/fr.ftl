# Les textes que repcast ajoute aux entraînements.
rest = Repos
next = Ensuite : { $name }
last = Dernier exercice
done = Terminé
round = Tour { $round } sur { $rounds }
set = Série { $set }
set-of = Série { $set } sur { $sets }
starts-in = Début dans { $time }
starts-soon = Bientôt
join = Scannez, ou ouvrez cette adresse :
get-ready = Préparez-vous
well-done = Bravo !
workout = Entraînement
next-position = Ensuite { $number } / { $count }
left = Reste { $time }
exercises = { $count ->
    [one] { $count } exercice
   *[other] { $count } exercices
}
rounds = { $count ->
    [one] { $count } tour
   *[other] { $count } tours
}
position = { $number } / { $count }
unfinished = Cette vidéo n’a pas pu être terminée.
# Dits, pas affichés.
halfway = À mi-parcours
number-1 = Un
number-2 = Deux
number-3 = Trois
number-4 = Quatre
number-5 = Cinq
number-6 = Six
number-7 = Sept
number-8 = Huit
number-9 = Neuf
number-10 = Dix
