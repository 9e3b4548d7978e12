# The words that repcast itself puts on the screen.
rest = Rest
next = Next: { $name }
last = Last exercise
done = Done
round = Round { $round } of { $rounds }
position = { $number } / { $count }
