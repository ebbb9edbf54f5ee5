from __future__ import annotations

import pytest
from tests.sources.workbench import mapping_of, mapping_problems

from onefold.language.ast import Kind
from onefold.sources.column_scope import column_names
from onefold.sources.mapping import FileType
from onefold.sources.templates import Template

GOOD = """
source: payments
files: ${data}/payments.csv
format: {separator: ";", encoding: cp1250}
columns:
  amount: {type: money, decimal: ",", group: " "}
  date: {type: date, format: "%d.%m.%Y"}
lookups:
  owner: {files: "${data}/owners.csv", key: account_id, where: type = 'OWNER'}
  client: {files: "${data}/clients.tsv", key: client_id, on: owner.client_id, columns: {born: date}}
records:
  - event: payment
    customer: client:{owner.client_id}
    time: date
    id: [payment_id]
    when: amount > 0 AND kind <> 'test'
    properties: {amount: amount, kind: "LOWER(kind)", due_on: client.born}
  - identify: {region: client.region}
    customer: client:{owner.client_id}
    time: date
  - link: account:{account_id}
    customer: client:{owner.client_id}
    time: date
"""


def test_a_sound_mapping() -> None:
    mapping = mapping_of(GOOD)
    assert mapping.source == "payments"
    assert mapping.files.format.encoding == "cp1250"
    assert [record.name for record in mapping.records] == ["payment", "identify", "link"]
    assert [lookup.on for lookup in mapping.lookups] == ["account_id", "owner.client_id"]
    assert mapping.lookups[1].files.format.type is FileType.TSV
    assert mapping.names() == {
        "amount", "date", "kind", "payment_id", "account_id",
        "owner.client_id", "client.region", "client.born",
    }  # fmt: skip
    assert mapping.lookup_columns(mapping.lookups[0]) == {"account_id", "client_id", "type"}
    assert mapping.needs_hash
    assert mapping.files.columns[0].kind is Kind.MONEY
    assert mapping.records[1].states_traits
    assert mapping.records[2].links


@pytest.mark.parametrize(
    ("old", "new", "what"),
    [
        ("source: payments", "sorce: payments", "`sorce`"),
        ("source: payments", "source: My Payments", "`source`"),
        ("files: ${data}/payments.csv", "files: []", "`files`"),
        ("encoding: cp1250", "encoding: cp125O", "`encoding`"),
        ("encoding: cp1250", "encoding: base64", "`encoding`"),
        ('separator: ";"', 'separator: ";;"', "`separator`"),
        ('separator: ";"', "type: xlsx", "`type`"),
        ("type: money,", "type: mony,", "`type`"),
        ('"%d.%m.%Y"', '"%d.%q.%Y"', "`format`"),
        ('"%d.%m.%Y"', '"%d.%Y"', "`format`"),
        ("  date: {", "  Date: {", "the column `Date`"),
        ("on: owner.client_id", "on: ownr.client_id", "`on`"),
        ("type = 'OWNER'", "type = OWNER +", None),
        ("event: payment", "event: paymnt", "`event`"),
        ("event: payment", "event: identity_linked", None),
        ("event: payment", "event: payment\n    link: account:{x}", "a record"),
        (
            "client:{owner.client_id}\n    time: date\n    id",
            "client:{onwer.client_id}\n    time: date\n    id",
            "`customer`",
        ),
        (
            "client:{owner.client_id}\n    time: date\n    id",
            "{owner.client_id}\n    time: date\n    id",
            "`customer`",
        ),
        (
            "client:{owner.client_id}\n    time: date\n    id",
            "client:5\n    time: date\n    id",
            "`customer`",
        ),
        ("time: date\n    id", "tiem: date\n    id", "`tiem`"),
        ("time: date\n    id", "time: kind\n    id", "`time`"),
        ("id: [payment_id]", "id: [payment id]", "`id`"),
        ("id: [payment_id]", "order: kind", "`order`"),
        ("when: amount > 0", "when: amont > 0", None),
        ("when: amount > 0 AND kind <> 'test'", "when: amount", None),
        ("when: amount > 0", "when: date < CURRENT_DATE", "CURRENT_DATE"),
        ("properties: {amount: amount,", "properties: {amount: kind,", "`amount`"),
        ("properties: {amount: amount,", "properties: {amonut: amount,", "the property `amonut`"),
        ("properties: {amount: amount,", "properties: {lines: amount,", "`lines`"),
        ("properties: {amount: amount,", "properties: {shop: amount,", "`shop`"),
        ("{region: client.region}", "{regoin: client.region}", "the trait `regoin`"),
        ("{region: client.region}", "{}", "`identify`"),
        ("link: account:{account_id}", "link: account:{account_id", "`link`"),
        ("  - link: account", "  - name: identify\n    link: account", "`records`"),
    ],
)
def test_every_fault_is_found(old: str, new: str, what: str | None) -> None:
    assert old in GOOD
    problems = mapping_problems(GOOD.replace(old, new, 1))
    assert problems
    assert all(problem.remedy and problem.place.file and problem.place.line for problem in problems)
    if what is not None:
        assert what in [problem.what for problem in problems]


def test_all_faults_at_once() -> None:
    broken = GOOD.replace("money", "mony").replace("event: payment", "event: paymnt").replace("region:", "regoin:")
    assert len({problem.place.line for problem in mapping_problems(broken)}) >= 3


def test_a_fault_inside_an_expression_has_its_own_column() -> None:
    text = GOOD.replace("when: amount > 0 AND kind <> 'test'", "when: amount > 0 AND kind <> 5")
    (problem,) = mapping_problems(text)
    lines = text.splitlines()
    line, column = problem.place.line, problem.place.column
    assert line is not None
    assert column is not None
    assert "when:" in lines[line - 1]
    assert column > lines[line - 1].index("amount")


def test_headers_become_names() -> None:
    headers = ["account_id", "no. of inhabitants ", "unemploymant rate '95 ", "", "Příjem", "2nd", "ClientID"]
    assert column_names(headers) == (
        "account_id", "no_of_inhabitants", "unemploymant_rate_95", "column_4", "p_jem", "c_2nd", "client_id",
    )  # fmt: skip
    with pytest.raises(ValueError, match="would both be called `a_b`"):
        column_names(["a b", "a-b"])


@pytest.mark.parametrize("text", ["client:{", "client:}", "client:{}", "client:{a.b.c}", "client:{A}", "client", ""])
def test_what_is_no_template(text: str) -> None:
    with pytest.raises(ValueError, match=r"\w"):
        Template.parse(text)


def test_a_template_with_several_columns() -> None:
    template = Template.parse("card:{bank}-{number}")
    assert template.fill(["CSOB", "17"]) == "card:CSOB-17"
    assert template.fill(["CSOB", None]) is None
