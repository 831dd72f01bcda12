import type { ByteStream } from './byte-stream.ts'
import { EXACT, IntReader } from './int-reader.ts'

/** Integer run length encoding, version 1; https://orc.apache.org/specification/ORCv1/#run-length-encoding */
export class IntRleV1 extends IntReader {
  private readonly isSigned: boolean

  constructor(stream: ByteStream, isSigned: boolean) {
    super(stream)
    this.isSigned = isSigned
  }

  protected readRun(): void {
    const control = this.stream.byte()
    this.isWide = false
    if (control >= 128) {
      this.count = 256 - control
      // A later value may make the run wide, so every slot has its upper half.
      for (let i = 0; i < this.count; i++) this.varint(i, this.isSigned)
      return
    }
    const step = (this.stream.byte() << 24) >> 24
    this.varint(0, this.isSigned)
    const first = this.double(0)
    if (Math.abs(first) < EXACT) this.fillSeries(first, step, control + 3)
    else this.fillBigSeries(this.big(0), BigInt(step), control + 3)
  }
}
