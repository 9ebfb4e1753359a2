"""The catalogue of diagnostics: one row per code. The reference page is made from this table."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Code:
    title: str
    meaning: str


CODES: dict[str, Code] = {
    # 1xx: the text of a file
    "E101": Code("not YAML", "The file is not well-formed YAML."),
    "E102": Code("duplicate key", "A key stands twice in one mapping; the second would silently win elsewhere."),
    "E103": Code("YAML feature not allowed", "Anchors, aliases, tags, merge keys and several documents are refused."),
    "E104": Code("unknown key", "The key is not part of the schema at this place."),
    "E105": Code("missing key", "A required key is absent."),
    "E106": Code("wrong kind of value", "A text, list or mapping stands where another is needed."),
    "E107": Code("not one of the allowed words", "The key takes one of a fixed list of words."),
    "E108": Code("malformed value", "The text is not a value of the kind the key takes: a date, a name, a number."),
    "E109": Code("expression style", "Expressions are plain one-line scalars or | blocks, so that carets are exact."),
    "E110": Code("file too large", "The file exceeds the limits on size, depth or number of nodes."),
    # 2xx: an expression
    "E201": Code("expression syntax", "The expression cannot be parsed."),
    "E202": Code("unknown name", "No row, measure, component, stream, table or function of that name is in scope."),
    "E203": Code("units do not combine", "Money and numbers combine only in the ways that mean something."),
    "E204": Code("wrong unit", "The key or argument takes a value of another unit."),
    "E205": Code("may be empty", "A value that may be empty is used without `default` or a test before it."),
    "E206": Code("wrong grain", "A per-row value stands where a per-payee value is needed."),
    "E207": Code("not known yet", "The value is known only when a longer window closes."),
    "E208": Code("window missing", "A sum, count or quota must say over which window."),
    "E209": Code("wrong arguments", "The function is called with the wrong number or kind of arguments."),
    "E210": Code("unknown column", "The table has no such column."),
    "E211": Code("unknown stream", "There is no stream, table or component of that name."),
    "E212": Code("expression too large", "The expression exceeds the limits on length, size or depth."),
    "E213": Code("two currencies", "Amounts of two currencies meet in one expression."),
    "E214": Code("incomparable", "Values of unlike units are compared."),
    # 3xx: a rule of a plan
    "E301": Code("choice required", "A plan must say which of several meanings it wants."),
    "E302": Code("rule contradicts itself", "Keys of one rule exclude each other or one needs the other."),
    "E303": Code("bands out of order", "Lower bounds of bands and steps must rise."),
    "E304": Code("cycle", "Rules depend on each other in a circle."),
    "E305": Code("name used twice", "A name stands for two things in one plan."),
    "E306": Code("shares must say overlay", "Several people are credited with the same amount."),
    "E307": Code("window mismatch", "Windows that must be the same differ."),
    "E308": Code("table incomplete", "A table lacks an entry it must have, or has one it must not have."),
    "E309": Code("plan versions overlap", "Two files of one plan are in force on the same day."),
    "E310": Code("release exceeds 100%", "More would be released than was earned."),
    # 4xx: data, at load
    "E401": Code("unknown column in the file", "The file has a column that the table does not declare."),
    "E402": Code("missing column in the file", "The file lacks a column that the table declares."),
    "E403": Code("not a value of the column's type", "A cell cannot be read as what the column holds."),
    "E404": Code("required cell is empty", "A column that is not optional has no value."),
    "E405": Code("duplicate key in the file", "Two different rows have the same key."),
    "E406": Code("reference to nothing", "The row refers to a row that does not exist."),
    "E407": Code("versions overlap", "Two dated versions of one row are in force on the same day."),
    "E408": Code("number out of bounds", "Input numbers are bounded, so that no sum can overflow."),
    "E409": Code("unreadable file", "The file cannot be read as the format its name says."),
    "E410": Code("unknown currency", "The code is not a currency of ISO 4217."),
    "E411": Code("control character", "Ids and texts may not hold control characters."),
    "E412": Code("unknown table", "The workspace declares no such table."),
    "E413": Code("load overtaken", "The tables were changed while a file was being read; nothing was loaded."),
    # 5xx: a calculation
    "E501": Code("division by zero", "A divisor is zero for this payee or row."),
    "E502": Code("quota missing", "No quota covers the window."),
    "E503": Code("exchange rate missing", "No rate on or before the date."),
    "E504": Code("below the first step", "A value lies below the first entry of a table."),
    "E505": Code("not listed in the table", "A text has no entry in a table that has no `otherwise`."),
    "E506": Code("shares do not add up", "The shares of one row are not what `shares_total` says."),
    "E507": Code("no related rows", "`each` finds no row, so the amount would go to nobody."),
    "E508": Code("lookup ambiguous", "More than one row answers a lookup, or several rules fit equally well."),
    "E509": Code("hierarchy runs in a circle", "Somebody is their own manager, directly or further up."),
    "E510": Code("tie between different prizes", "Tied payees qualify for different prizes; a tiebreak is needed."),
    "E511": Code("transfer not said", "Somebody changes plan inside a window and the plan has no `on_transfer`."),
    "E512": Code("payee unknown", "A credit goes to somebody who is not in `payees` on that day."),
    "E513": Code("number too large", "A result exceeds what the number type holds."),
    "E514": Code("negative weight", "Weights and shares must not be negative."),
    "E515": Code("no entry reached", "A pool has nobody to go to."),
    "E516": Code("more released than earned", "The shares released exceed 100%."),
    "E517": Code("empty value", "A value that must be there is empty."),
    "E518": Code("result not negative", "A rate or amount is negative and the plan does not say what then."),
    # 6xx: controls of the ledger
    "E601": Code("period not open", "Only the open period can be posted."),
    "E602": Code("run changed", "What was approved is not what would be posted."),
    "E603": Code("same person", "Who prepares a run does not approve it, and who approves it does not pay it."),
    "E604": Code("not approved", "A run is posted only after approval."),
    "E605": Code("already posted", "The period is posted; corrections go into the next one."),
    "E606": Code("unknown run", "There is no such run."),
    "E607": Code("not posted", "Only a posted run can be paid or printed as final."),
    "E608": Code("already paid", "A run is paid once."),
    "E609": Code(
        "ledger unsound", "The chain, a balance or an object does not verify, or the database is not as it must be."
    ),
    "E610": Code("replay differs", "Recomputing a run gives something else than was stored."),
    "E611": Code("ledger busy", "Another process holds the ledger."),
    "E612": Code("identity missing", "The command must know who is acting."),
    "E613": Code("role missing", "The workspace gives this to people of another role."),
    "E614": Code("own pay", "Nobody approves a run that holds his own pay."),
    "E615": Code("not in this state", "A run, an adjustment, a hold or a dispute is not in a state for this."),
    "E616": Code("reason missing", "What is rejected, adjusted, held or disputed needs a reason."),
    "E617": Code("no checkpoint", "A step is signed and written outside the database; the place cannot be written."),
    "E618": Code("above the limit", "The amount lies above what the role of the deciding person may decide."),
    "E619": Code("without effect", "A dispute is accepted by an approved adjustment that was made for it."),
    # 7xx: case files and workspace
    "E701": Code("case failed", "A figure is not what the case expects."),
    "E702": Code("case incomplete", "A case without `then` proves nothing."),
    "E703": Code("no workspace", "No compengine.yaml here or in a folder above."),
    "E704": Code("unknown period", "The calendar has no such period."),
    "E705": Code("unknown plan", "No plan of that name is in the workspace."),
    "E706": Code("nothing to do", "There is nothing of the kind asked for."),
    "E707": Code("file exists", "A file would be overwritten."),
    "E708": Code("no bundle", "The file is not a bundle of a run, or not as it was written."),
    # 8xx: statements
    "E801": Code("statement does not add up", "A figure on a statement is not the sum of what it stands for."),
    "E802": Code("statement refers outside", "A template or text asked for a file or address that is not ours."),
    "E803": Code("statement not printed", "One statement could not be made; the others were."),
    "E804": Code("no data of a statement", "The file is not the data of a statement, or not as it was written."),
}
