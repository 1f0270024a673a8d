"""The commands that call the API, generated from the methods of the resources: ``stemp users list``."""
