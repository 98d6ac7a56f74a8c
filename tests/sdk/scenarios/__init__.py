"""Short stories of one client, each about one promise. They are also the vectors of the other language."""

from tests.sdk.scenarios import books, connections, folds

SCENARIOS = (*books.SCENARIOS, *connections.SCENARIOS, *folds.SCENARIOS)
