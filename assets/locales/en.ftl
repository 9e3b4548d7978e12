# The texts that repcast adds to workouts.
rest = Rest
next = Next: { $name }
last = Last exercise
done = Done
round = Round { $round } of { $rounds }
position = { $number } / { $count }
