# The texts that repcast adds to workouts.
rest = Rest
next = Next: { $name }
last = Last exercise
done = Done
round = Round { $round } of { $rounds }
set = Set { $set }
set-of = Set { $set } of { $sets }
starts-in = Starts in { $time }
starts-soon = Starts soon
join = Scan, or open this address:
get-ready = Get ready
well-done = Well done!
workout = Workout
next-position = Next { $number } / { $count }
left = { $time } left
exercises = { $count ->
    [one] { $count } exercise
   *[other] { $count } exercises
}
rounds = { $count ->
    [one] { $count } round
   *[other] { $count } rounds
}
position = { $number } / { $count }
unfinished = This video could not be finished.
# Said, not shown.
halfway = Halfway
number-1 = One
number-2 = Two
number-3 = Three
number-4 = Four
number-5 = Five
number-6 = Six
number-7 = Seven
number-8 = Eight
number-9 = Nine
number-10 = Ten
