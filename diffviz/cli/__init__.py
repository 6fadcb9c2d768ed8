"""The command line: one module per subcommand, and what they have in common."""
