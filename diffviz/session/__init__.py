"""The one observable state and what feeds it: runs, cursor, player, worker, link. QtCore only."""
