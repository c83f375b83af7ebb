"""Finding the way: for every goal the walking distance from anywhere, and the walls as fields."""

from crowdsim.navigation.navigation import Navigation, Navigator, build_navigation

__all__ = ["Navigation", "Navigator", "build_navigation"]
