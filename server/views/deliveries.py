"""The deliveries of a run as its page shows them."""

from __future__ import annotations

from runtime.clock import wall
from runtime.store.afterwards import Log
from runtime.store.deliveries import Delivery, deliveries_of, revive
from server.api.access import OnRun
from server.models.deliveries import Deliveries, DeliveryView
from server.problems import Conflict, Unknown
from server.views.mask import Mask, mask_for


async def deliveries_view(on: OnRun) -> Deliveries:
    """Every entry."""
    context = on.opened.context
    mask = await mask_for(context, on.standing.view)
    found = await deliveries_of(context.store.database, context.store.tenant, context.store.run)
    data = str(on.service.settings.data.absolute())
    return Deliveries(deliveries=[_view(one, mask, data) for one in found])


async def retried(on: OnRun, key: str) -> Deliveries:
    """Put a dead letter back on its way. Raises Unknown for a key of no entry here, Conflict where it is not dead."""
    store = on.opened.context.store
    found = await deliveries_of(store.database, store.tenant, store.run)
    if key not in [one.key for one in found]:
        raise Unknown("this run released no entry of that key")
    by, log = on.opened.context.person(on.actor), Log.of(on.service.keys)
    if not await revive(store.database, store.tenant, key, by, wall(), log):
        raise Conflict("it is no dead letter: it was delivered, or is tried again by itself")
    return await deliveries_view(on)


def _view(one: Delivery, mask: Mask, data: str) -> DeliveryView:
    return DeliveryView(
        key=one.key,
        lane=one.lane,
        state=one.state,
        attempts=one.attempts,
        reason=_told(one.reason, mask, data),
        reference=_told(one.reference, mask, data),
    )


def _told(text: str, mask: Mask, data: str) -> str:
    """Where our data folder is on our disk is nobody's business."""
    return mask.text(text.replace(data, "…"))
