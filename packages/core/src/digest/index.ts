export { canonicalSize, writeBlock } from './canonical.ts'
export { createMerkleTree, hashLeaf, verifyInclusion } from './merkle.ts'
export { combineDigests, createStreamDigest } from './stream-digest.ts'
