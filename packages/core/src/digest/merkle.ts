import { createHash } from 'node:crypto'

const LEAF = Uint8Array.of(0)
const NODE = Uint8Array.of(1)
const HASH_BYTES = 32

/** Hash of a leaf whose data comes in pieces, in order: SHA-256(0x00 ‖ data), RFC 6962 section 2.1. */
export function hashLeaf(write: (sink: (bytes: Uint8Array) => void) => void): Uint8Array {
  const hash = createHash('sha256').update(LEAF)
  write((bytes) => {
    if (bytes.length > 0) hash.update(bytes)
  })
  return hash.digest()
}

/** Hash of an inner node: SHA-256(0x01 ‖ left ‖ right), RFC 6962 section 2.1. */
export function hashNode(left: Uint8Array, right: Uint8Array): Uint8Array {
  return createHash('sha256').update(NODE).update(left).update(right).digest()
}

/** A Merkle tree that grows by leaves; it keeps one hash a level, so memory is logarithmic. */
export interface MerkleTree {
  /** Adds the hash of the next leaf, 32 bytes. */
  push(leafHash: Uint8Array): void
  /** RFC 6962 Merkle tree hash of all leaves so far, 32 bytes. */
  root(): Uint8Array
  readonly leaves: number
}

/** An empty tree; its root is the hash of nothing, RFC 6962 section 2.1. */
export function createMerkleTree(): MerkleTree {
  // subtrees[k] is the root of a full subtree of 2^k leaves, present where bit k of `leaves` is set.
  const subtrees: (Uint8Array | undefined)[] = []
  let leaves = 0
  return {
    push(leafHash) {
      let carry = leafHash
      let level = 0
      for (let left = subtrees[level]; left; left = subtrees[level]) {
        carry = hashNode(left, carry)
        subtrees[level++] = undefined
      }
      subtrees[level] = carry
      leaves++
    },
    root() {
      let root: Uint8Array | undefined
      for (const subtree of subtrees) {
        if (subtree) root = root ? hashNode(subtree, root) : subtree
      }
      return Uint8Array.from(root ?? createHash('sha256').digest())
    },
    get leaves() {
      return leaves
    },
  }
}

/**
 * True when `proof` shows that the leaf is at `index` in the tree of `size` leaves with this root,
 * RFC 9162 section 2.1.3.2.
 */
export function verifyInclusion(
  leafHash: Uint8Array,
  index: number,
  size: number,
  proof: readonly Uint8Array[],
  root: Uint8Array,
): boolean {
  if (!Number.isSafeInteger(index) || !Number.isSafeInteger(size) || index < 0 || index >= size) return false
  if ([leafHash, root, ...proof].some((hash) => hash.length !== HASH_BYTES)) return false
  let node = BigInt(index)
  let last = BigInt(size) - 1n
  let hash = leafHash
  for (const sibling of proof) {
    if (last === 0n) return false
    if ((node & 1n) === 1n || node === last) {
      hash = hashNode(sibling, hash)
      while ((node & 1n) === 0n && node !== 0n) {
        node >>= 1n
        last >>= 1n
      }
    } else {
      hash = hashNode(hash, sibling)
    }
    node >>= 1n
    last >>= 1n
  }
  return last === 0n && Buffer.compare(hash, root) === 0
}
