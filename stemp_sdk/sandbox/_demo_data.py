"""Example data for a sandbox."""

from __future__ import annotations

from ._account import Account


def fill(account: Account) -> None:
    """Add two templates, three customers, and two cards in use."""
    coffee = account.add_template(
        id="tpl_coffee", name="Coffee card", description="The tenth coffee is free", type="stamps", max_stamps=10
    )
    lunch = account.add_template(
        id="tpl_lunch", name="Lunch card", description="One point for each euro", type="points"
    )
    jane = account.add_user(
        email="jane.doe@example.com", name="Jane Doe", phone="+49 30 1234567", external_id="cust_123"
    )
    kofi = account.add_user(email="kofi@example.com", name="Kofi Mensah", external_id="cust_124")
    account.add_user(email="mia@example.com", name="Mia Nowak", external_id="cust_125", metadata={"tier": "gold"})

    coffee_card = account.issue_card(coffee, jane)
    for _ in range(7):
        account.change_stamps(coffee_card, "add", 1, "Main St")
    lunch_card = account.issue_card(lunch, kofi)
    account.change_points(lunch_card, "add", 25, "Lunch for two")
    account.change_points(lunch_card, "redeem", -10)
