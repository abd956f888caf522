"""What goes through a mediator, with its interval."""
