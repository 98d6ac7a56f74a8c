"""The number of every message type. Numbers are never used again for something else."""

from typing import Final

from cse.messages import commands as c
from cse.messages import events as e
from cse.messages import records as r
from cse.messages import session as s
from cse.messages.wire import Message

CODEC_VERSION: Final = 1

MESSAGE_TYPES: Final[dict[int, type[Message]]] = {
    1: c.CreateAsset,
    2: c.SetFeeTier,
    3: c.CreateMarket,
    4: c.UpdateMarket,
    5: c.SetMarketStatus,
    6: c.OpenAccount,
    7: c.SetAccountStatus,
    8: c.SetAccountFeeTier,
    9: c.PlaceOrder,
    10: c.AmendOrder,
    11: c.CancelOrder,
    12: c.CancelAll,
    13: c.SetCancelAfter,
    14: c.Tick,
    15: c.CreditDeposit,
    16: c.HoldWithdrawal,
    17: c.SettleWithdrawal,
    18: c.ReleaseWithdrawal,
    19: c.Transfer,
    64: e.Rejected,
    65: e.AssetCreated,
    66: e.FeeTierSet,
    67: e.MarketCreated,
    68: e.MarketUpdated,
    69: e.MarketStatusChanged,
    70: e.AccountOpened,
    71: e.AccountStatusChanged,
    72: e.AccountFeeTierChanged,
    73: e.OrderAccepted,
    74: e.OrderTriggered,
    75: e.Trade,
    76: e.OrderReduced,
    77: e.OrderAmended,
    78: e.OrderClosed,
    79: e.LevelChanged,
    80: e.DepositCredited,
    81: e.WithdrawalHeld,
    82: e.WithdrawalSettled,
    83: e.WithdrawalReleased,
    84: e.Transferred,
    85: e.CancelAfterSet,
    128: r.StateRecord,
    129: r.AssetRecord,
    130: r.FeeTierRecord,
    131: r.MarketRecord,
    132: r.AccountRecord,
    133: r.BalanceRecord,
    134: r.OrderRecord,
    135: r.TriggerQueueRecord,
    136: r.ClientIdRecord,
    137: r.MoneyKeyRecord,
    192: s.Hello,
    193: s.Login,
    194: s.LoggedIn,
    195: s.Heartbeat,
    196: s.Submit,
    197: s.Answer,
    198: s.Executions,
    199: s.Fill,
    200: s.Refused,
    201: s.Resend,
    202: s.Logout,
}

TYPE_NUMBERS: Final[dict[type[Message], int]] = {cls: n for n, cls in MESSAGE_TYPES.items()}
