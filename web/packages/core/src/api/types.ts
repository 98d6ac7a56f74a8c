/** Short names for what the API says. */

import type { components } from "./schema.d.ts"

type Schemas = components["schemas"]

export type Account = Schemas["AccountInfo"]
export type Asset = Schemas["Asset"]
export type Balance = Schemas["Balance"]
export type Candle = Schemas["Candle"]
export type AccountFill = Schemas["AccountFill"]
export type Fill = Schemas["Fill"]
export type LedgerLine = Schemas["LedgerLine"]
export type Market = Schemas["MarketInfo"]
export type Order = Schemas["Order"]
export type OrderWithFills = Schemas["OrderWithFills"]
export type PlaceOrder = Schemas["PlaceRequest"]
export type Preview = Schemas["Preview"]
export type Ticker = Schemas["Ticker"]
export type Trade = Schemas["Trade"]
