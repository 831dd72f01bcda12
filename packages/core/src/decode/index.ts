export { readParts } from './read-parts.ts'
