export { type ReadPartsOptions, readParts } from './read-parts.ts'
