"""The numbers of a department as its metrics say them at this moment."""

from collections.abc import Mapping

from prometheus_client.parser import text_string_to_metric_families

from shared.intake import Intake
from shared.measuring import Measuring
from shared.metrics import Metrics
from shared.store import Store


async def up() -> Mapping[str, bool]:
    return {"database": True}


async def measured(store: Store, intake: Intake | None = None) -> dict[tuple[str, ...], float]:
    """Every number by its name and the values of its labels, asked for anew."""
    text = await Measuring(Metrics(), up, {"stream": intake} if intake else {}, store).text()
    samples = [sample for family in text_string_to_metric_families(text.decode()) for sample in family.samples]
    return {(sample.name.removeprefix("servicelane_"), *sample.labels.values()): sample.value for sample in samples}
