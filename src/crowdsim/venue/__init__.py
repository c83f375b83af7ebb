"""The venue: walkable area, doors, exits, zones and lines as checked geometry in metres."""
