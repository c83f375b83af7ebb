"""What can happen to an attendee during a run."""

ENTERED = "entered"
"""Appeared in a start zone or at an entrance."""

STARTED = "started"
"""The pre-movement time is over: sets off on the first leg."""

ARRIVED = "arrived"
"""Reached a zone; the stay begins, or goes on after a need was seen to."""

LEFT = "left"
"""The stay is over, or a need has come due: sets off on the next leg, or for the service."""

JOINED = "joined"
"""Began to wait in the queue of a service; whoever changes over to another one has begun already."""

CALLED = "called"
"""Began to be served, the way from the queue to the server included."""

SERVED = "served"
"""Has been served: sets off on the next leg, or back to the zone left for a need."""

GAVE_UP = "gave_up"
"""Goes on without having been served (the place is the queue), or because a zone is full (the place is the zone)."""

EXITED = "exited"
"""Went out by an exit."""

REROUTED = "rerouted"
"""Heads for another exit, because the venue has changed, another is quicker, or somebody said so."""

TOLD = "told"
"""Was told by a steward (the place) which exit to take."""

FOLLOWED = "followed"
"""Does as a steward (the place) said, whether that is another exit or not."""
