"""The main window: its bar, menus, documents, and the stack of labs."""
