"""A customer made by hand, in the words of the vocabulary, and what each feature of the library is for them.

The moment is Tuesday, 30 June 2026, 12:00 UTC: 30 days reach back to 31 May 12:00, 90 days to 1 April 12:00.
"""

from __future__ import annotations

import statistics
from collections.abc import Iterator
from decimal import Decimal
from typing import Any

from tests.acceptance.shop import identify, page, track

NOW = "2026-06-30T12:00:00Z"

_PURCHASES = [
    ("2025-09-10T10:00", "fuel", 50, "omv", "Graz", "AT", "shop"),
    ("2025-12-24T10:00", "charity", 100, "caritas", "Wien", "AT", "online"),
    ("2026-02-01T10:00", "school", 15, "books", "Wien", "AT", "shop"),
    ("2026-03-01T10:00", "baby", 25, "chemist", "Wien", "AT", "shop"),
    # 90 days
    ("2026-04-15T03:00", "subscriptions", 10, "streamco", None, "IE", "online"),
    ("2026-04-20T09:00", "groceries", 60, "grocer", "Wien", "AT", "shop"),
    ("2026-05-15T03:00", "subscriptions", 10, "streamco", None, "IE", "online"),
    # 30 days
    ("2026-06-02T10:00", "groceries", 40, "grocer", "Wien", "AT", "shop"),
    ("2026-06-09T10:00", "groceries", 50, "grocer", "Wien", "AT", "shop"),
    ("2026-06-15T03:00", "subscriptions", 10, "streamco", None, "IE", "online"),
    ("2026-06-16T10:00", "groceries", 45, "grocer", "Wien", "AT", "shop"),
    ("2026-06-20T19:00", "travel", 300, "airline", "London", "GB", "online"),
    ("2026-06-23T10:00", "groceries", 55, "grocer", "Wien", "AT", "shop"),
    # 7 days
    ("2026-06-26T20:00", "restaurants", 35, "bistro", "Wien", "AT", "shop"),
    ("2026-06-28T15:00", "toys", 20, "toyshop", "Wien", "AT", "shop"),
    ("2026-06-29T08:00", "public_transport", 5, "tram", "Wien", "AT", "shop"),
]
_SALARIES = [("2026-04-30T08:00", 3000), ("2026-05-29T08:00", 3000), ("2026-06-30T08:00", 3100)]
_OTHERS: list[tuple[str, str, dict[str, Any]]] = [
    ("cash_withdrawn", "2026-04-05T10:00", {"amount": 100}),
    ("cash_withdrawn", "2026-06-10T10:00", {"amount": 100}),
    *(("payment_received", at, {"kind": "salary", "amount": amount}) for at, amount in _SALARIES),
    ("payment_received", "2026-06-12T08:00", {"kind": "benefit", "amount": 200}),
    ("payment_made", "2026-02-01T08:00", {"kind": "insurance", "amount": 120, "bank": "an insurer"}),
    ("payment_made", "2026-04-02T08:00", {"kind": "rent", "amount": 800}),
    ("payment_made", "2026-05-04T08:00", {"kind": "rent", "amount": 800}),
    ("payment_made", "2026-06-02T08:00", {"kind": "rent", "amount": 800}),
    ("payment_made", "2026-05-10T08:00", {"kind": "savings", "amount": 500}),
    ("payment_made", "2026-06-10T08:00", {"kind": "savings", "amount": 430}),
    ("payment_made", "2026-06-15T08:00", {"kind": "loan", "amount": 300, "bank": "another bank"}),
    ("transfer", "2026-06-01T08:00", {"direction": "out", "own_account": True, "amount": 250}),
    ("transfer", "2026-06-01T08:00", {"direction": "out", "own_account": False, "amount": 70}),
    ("transfer", "2026-06-02T08:00", {"direction": "in", "own_account": True, "amount": 30}),
    ("balance_stated", "2026-06-01T12:00", {"balance": -50}),
    ("balance_stated", "2026-06-11T12:00", {"balance": 100}),
    ("balance_stated", "2026-06-21T12:00", {"balance": 250}),
    ("asset_stated", "2026-06-01T12:00", {"held": "here", "value": 30_000}),
    ("asset_stated", "2026-06-01T12:00", {"held": "elsewhere", "value": 10_000}),
    ("product_opened", "2025-06-30T12:00", {"product": "mortgage", "matures_on": "2026-12-31"}),
    ("product_opened", "2026-01-01T12:00", {"product": "credit_card"}),
    ("product_closed", "2026-03-01T12:00", {"product": "credit_card"}),
    *(("loan_payment_due", f"2026-0{month}-15T00:00", {"amount": 300}) for month in (1, 2, 3)),
    ("loan_payment_made", "2026-01-15T10:00", {"amount": 300, "days_late": 0}),
    ("loan_payment_made", "2026-02-20T10:00", {"amount": 300, "days_late": 5}),
    ("trade", "2025-08-01T12:00", {"side": "sell", "asset_class": "crypto", "amount": 500}),
    ("trade", "2026-04-10T12:00", {"side": "buy", "asset_class": "fund", "amount": 100}),
    ("trade", "2026-05-10T12:00", {"side": "buy", "asset_class": "fund", "amount": 100}),
    ("trade", "2026-06-10T12:00", {"side": "buy", "asset_class": "equity", "amount": 110}),
    ("revenue_booked", "2026-01-01T00:00", {"amount": 100}),
    ("revenue_booked", "2026-04-01T00:00", {"amount": 20}),
    ("cost_booked", "2026-01-01T00:00", {"amount": 30}),
    ("score_received", "2026-01-01T00:00", {"kind": "credit", "score": 640}),
    ("score_received", "2026-02-01T00:00", {"kind": "churn", "score": 1}),
    ("login", "2026-04-10T23:30", {"device": "tablet"}),
    ("login", "2026-06-01T08:00", {"device": "phone"}),
    ("login", "2026-06-01T19:00", {"device": "phone"}),
    ("login", "2026-06-20T20:00", {"device": "computer"}),
    ("login", "2026-06-29T12:00", {"device": "phone"}),
    ("screen_viewed", "2026-06-29T12:00", {"name": "home"}),
    ("screen_viewed", "2026-06-29T12:05", {"name": "home"}),
    ("screen_viewed", "2026-06-29T12:06", {"name": "pay"}),
    ("calculator_used", "2025-11-01T10:00", {"product": "credit_card"}),
    ("calculator_used", "2025-11-02T10:00", {"product": "credit_card"}),
    ("calculator_used", "2026-06-03T10:00", {"product": "mortgage"}),
    ("calculator_used", "2026-06-04T10:00", {"product": "mortgage"}),
    ("calculator_used", "2026-06-25T10:00", {"product": "loan"}),
    ("calculator_used", "2026-06-26T10:00", {"product": "loan"}),
    ("arrived", "2025-12-01T10:00", {"branch": "Wien 1"}),
    ("arrived", "2026-05-05T10:00", {"branch": "Graz"}),
    ("arrived", "2026-06-05T10:00", {"branch": "Wien 1"}),
    ("contact_made", "2026-05-05T10:00", {"channel": "branch"}),
    ("contact_made", "2026-06-01T10:00", {"channel": "phone"}),
    ("contact_made", "2026-06-02T10:00", {"channel": "phone"}),
    ("complaint_opened", "2025-01-01T10:00", {"topic": "fees"}),
    ("complaint_closed", "2025-02-01T10:00", {"topic": "fees"}),
    ("complaint_opened", "2026-06-01T10:00", {"topic": "app"}),
    ("referral_made", "2025-05-01T10:00", {}),
    ("goal_set", "2026-03-01T10:00", {"goal": "home", "amount": 50_000, "target_date": "2026-08-01"}),
    ("goal_set", "2026-06-01T10:00", {"goal": "travel", "amount": 2_000, "target_date": "2026-07-10"}),
    *(
        ("survey_answered", "2026-02-01T10:00", {"survey": survey, "score": score})
        for survey, score in (("satisfaction", 4), ("recommend", 9), ("trust", 3), ("loyalty", 5), ("risk", 2))
    ),
    ("survey_answered", "2026-02-01T10:00", {"survey": "values", "answer": "security"}),
    ("survey_answered", "2026-02-01T10:00", {"survey": "decision_style", "answer": "careful"}),
    ("consent_changed", "2025-06-30T12:00", {"purpose": "marketing", "status": "granted"}),
    ("consent_changed", "2025-06-30T12:00", {"purpose": "analytics", "status": "granted"}),
    ("consent_changed", "2025-06-30T12:00", {"purpose": "third_party", "status": "denied"}),
    ("offer_clicked", "2026-06-01T10:00", {"offer": "savings"}),
    ("offer_rejected", "2026-05-01T10:00", {"offer": "loan"}),
    ("offer_rejected", "2026-06-01T10:00", {"offer": "loan"}),
]
_PAGES = [("2026-06-28T21:00", "/", 10), ("2026-06-28T21:10", "/loan", 50), ("2026-06-29T09:00", "/loan", 30)]


def messages() -> Iterator[dict[str, Any]]:
    """Yield what the customer `u1` did, and the little that `u2` did."""
    for at, category, amount, merchant, city, country, channel in _PURCHASES:
        more = {"merchant": merchant, "city": city, "country": country, "channel": channel}
        stated = {key: value for key, value in more.items() if value is not None}
        yield track("card_purchase", f"{at}:00Z", category=category, amount=amount, **stated)
    for event, at, properties in _OTHERS:
        yield track(event, f"{at}:00Z", **properties)
    for at, path, seconds in _PAGES:
        yield page(path, f"{at}:00Z", seconds=seconds)
    yield identify("2024-06-30T12:00:00Z", region="Graz", birth_date="1990-03-15", language="de", income=3000)
    yield identify(
        "2025-06-30T12:00:00Z", region="Wien", employment="employed", occupation="nurse", education="degree",
        marital_status="married", children=2, household="family", home_ownership="tenant", risk_profile="balanced",
    )  # fmt: skip
    yield track("asset_stated", "2026-06-01T12:00:00Z", user="u2", held="here", value=10)


_AMOUNTS = [10, 60, 10, 40, 50, 10, 45, 300, 55, 35, 20, 5]
"""The purchases of 90 days: 640.00."""
_DAYS = [0, 29, 61]
"""When the salaries came, in days."""

EXPECTED: dict[str, object] = {
    # characteristics
    "age": 36, "employment": "employed", "occupation": "nurse", "education": "degree", "marital_status": "married",
    "children": 2, "household": "family", "home_ownership": "tenant", "region": "Wien", "language": "de",
    "days_with_bank": 365.0, "region_statements_36mo": 2, "salary_payments_95d": 3, "pension_payments_95d": 0,
    "benefit_payments_95d": 1, "rent_payments_95d": 3, "mortgage_payments_95d": 0, "child_purchases_180d": 3,
    "fuel_purchases_90d": 0, "employment_inferred": "employed", "home_ownership_inferred": "tenant",
    "has_children_inferred": True, "drives_inferred": False, "life_stage_inferred": "family",
    # emotions
    "aspiration_stated": "travel", "aspirations_stated_24mo": 2, "aspiration_amount_stated": Decimal("2000.00"),
    "days_to_aspiration_stated": 9.5, "aspiration_inferred": "loan", "values_stated": "security",
    "giving_inferred": 1 / 16, "green_mobility_inferred": 0.5, "public_transport_12mo": 1, "fuel_12mo": 1,
    "satisfaction_stated": 4, "recommendation_stated": 9, "brand_loyalty_stated": 5, "trust_stated": 3,
    "complaints_opened": 2, "complaints_closed": 1, "open_complaint": True, "referrals_24mo": 1,
    "brand_loyalty_inferred": False, "consents_granted_share": 2 / 3, "trust_inferred": 0,
    "risk_tolerance_stated": "balanced", "risk_score_stated": 2, "risk_tolerance_inferred": 0.5,
    "decision_style_stated": "careful", "deliberates_inferred": True, "night_purchases_inferred": 3 / 12,
    "offers_clicked_90d": 1, "offers_rejected_90d": 2,
    # behaviour
    "purchases_30d": 9, "purchases_90d": 12,
    "active_weeks_90d": 8,                       # 16, 17, 20, 23, 24, 25, 26 and 27
    "active_months_12mo": 7,                     # September, December, February to June
    "days_since_purchase": 28 / 24, "purchases_trend": 9 / (12 / 3), "cash_withdrawals_90d": 2,
    "cash_share_90d": 2 / 14, "categories_90d": 6, "favourite_category": "groceries", "merchants_90d": 6,
    "favourite_merchant": "grocer", "groceries_share_90d": 5 / 12, "restaurants_share_90d": 1 / 12,
    "travel_share_90d": 1 / 12, "online_share_90d": 4 / 12, "subscriptions_35d": 1,
    "subscription_spend_35d": Decimal("10.00"), "monthly_subscription": Decimal("10.00"),
    "weekly_shopping": Decimal("55.00"), "cities_7d": 1, "cities_90d": 2, "usual_city": "Wien",
    "keeps_to_places": True, "countries_12mo": 3, "evening_purchases_90d": 2 / 12, "branch_visits_90d": 2,
    "usual_branch": "Wien 1", "contacts_90d": 3, "usual_contact_channel": "phone",
    # financial
    "spend_30d": Decimal("560.00"), "spend_90d": Decimal("640.00"), "mean_purchase_90d": 640 / 12,
    "largest_purchase_90d": Decimal("300.00"), "spend_spread_90d": statistics.stdev(_AMOUNTS),
    "spend_trend": 560 / (640 / 3), "income": Decimal("3000.00"), "recurring_income": Decimal("3100.00"),
    "inflow_30d": Decimal("3300.00"), "inflow_90d": Decimal("9300.00"), "outflow_90d": Decimal("3630.00"),
    "income_trend_12mo": statistics.linear_regression(_DAYS, [3000, 3000, 3100]).slope,
    "saved_90d": Decimal("930.00"), "savings_rate_90d": 0.1, "balance": Decimal("250.00"),
    "mean_balance_90d": 100.0, "lowest_balance_90d": Decimal("-50.00"), "balance_trend_90d": 15.0,
    "overdrawn_days_90d": 1, "products_opened": 2, "products_closed": 1, "products_held": 1, "mortgages_opened": 1,
    "mortgages_closed": 0, "has_mortgage": True, "days_to_maturity": 183.5, "debt_payments_35d": Decimal("300.00"),
    "debt_to_income": 300 / 3100, "loan_payments_due_24mo": 3, "loan_payments_made_24mo": 2,
    "loan_payments_open": 1, "paid_in_time_24mo": 0.5, "latest_payment_24mo": 5, "credit_score": 640,
    "trades_12mo": 4, "traded_12mo": Decimal("810.00"), "buying_share_12mo": 0.75, "asset_classes_24mo": 3,
    "favourite_asset_class": "fund", "monthly_investment": Decimal("110.00"), "days_since_trade": 20.0,
    "assets_here": Decimal("30000.00"), "assets_elsewhere": Decimal("10000.00"), "wallet_elsewhere": 0.25,
    "own_transfers_out_90d": Decimal("250.00"), "paid_to_banks_12mo": Decimal("420.00"), "banks_paid_12mo": 2,
    "revenue_12mo": Decimal("120.00"), "cost_12mo": Decimal("30.00"), "profit_12mo": 90.0,
    "asset_level": 0.75, "revenue_level": 0.75, "profit_level": 0.75,     # one of two is below
    # digital
    "logins_30d": 4, "logins_90d": 5, "login_days_30d": 3, "days_since_login": 1.0, "login_trend": 4 / (5 / 3),
    "devices_90d": 3, "usual_device": "phone", "mobile_logins_90d": 4, "mobile_share_90d": 0.8,
    "branch_contacts_90d": 1, "phone_contacts_90d": 2, "preferred_channel": "mobile", "digital_only": False,
    "morning_logins_90d": 0.2, "day_logins_90d": 0.2, "evening_logins_90d": 0.4, "night_logins_90d": 0.2,
    "preferred_time": "evening", "pages_30d": 3, "visits_30d": 2, "visit_seconds_30d": 600, "mean_seconds_30d": 30.0,
    "favourite_page": "/loan", "last_visit_from": "/loan", "calculations_30d": 4, "calculated_not_opened": True,
    "screens_30d": 3, "app_visits_30d": 1, "favourite_screen": "home", "app_share_30d": 0.5,
}  # fmt: skip
