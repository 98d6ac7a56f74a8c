"""What people say of themselves, how they want to be told of things, and their picture."""
