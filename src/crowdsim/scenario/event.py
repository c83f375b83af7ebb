"""What can happen to an attendee during a run."""

ENTERED = "entered"
"""Appeared in a start zone or at an entrance."""

STARTED = "started"
"""The pre-movement time is over: sets off on the first leg."""

ARRIVED = "arrived"
"""Reached a zone; the stay begins."""

LEFT = "left"
"""The stay is over: sets off on the next leg."""

JOINED = "joined"
"""Began to wait in the queue of a service."""

CALLED = "called"
"""Began to be served, the way from the queue to the server included."""

SERVED = "served"
"""Has been served: sets off on the next leg."""

GAVE_UP = "gave_up"
"""Goes on with the itinerary without having been served."""

EXITED = "exited"
"""Went out by an exit."""

REROUTED = "rerouted"
"""Heads for another exit, because the venue has changed."""
