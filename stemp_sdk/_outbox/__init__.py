"""The outbox: writes of a till that has no network, kept in a file and carried out once when the network is back."""
