"""How fast the engine is: the cases of `crowdsim bench`, their measuring, and comparisons with others."""
