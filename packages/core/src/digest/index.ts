export { type Arena, createArena } from './arena.ts'
export { type ByteSink, canonicalSize, writeBlock } from './canonical.ts'
export { createMerkleTree, hashLeaf, hashNode, type MerkleTree, verifyInclusion } from './merkle.ts'
export { combineDigests, createStreamDigest, type StreamDigest } from './stream-digest.ts'
