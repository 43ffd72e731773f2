"""Jobs: how strategies are given their events, and how what they make is kept."""
