export { catalogue, indicator } from "./catalogue.ts"
export { defaults, parametersOf, problemOf } from "./parameters.ts"
export * from "./types.ts"
