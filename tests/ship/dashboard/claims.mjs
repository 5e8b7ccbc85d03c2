// Claims that hold or fail, one line each, and a count at the end.
import {isDeepStrictEqual} from 'node:util';

export class Claims {
  held = 0;
  failed = 0;

  same(claim, got, expected) {
    if (isDeepStrictEqual(got, expected)) {
      ++this.held;
      console.log(`PASS  ${claim}`);
    } else {
      ++this.failed;
      console.log(`FAIL  ${claim}\n      expected: ${JSON.stringify(expected)}\n      got:      ${JSON.stringify(got)}`);
    }
  }

  holds(claim, value, shown = value) {
    if (value) this.same(claim, true, true);
    else this.same(claim, shown, true);
  }

  // The last line, and the exit code.
  finish(name) {
    console.log(this.failed ? `${name}: ${this.failed} of ${this.held + this.failed} claims failed`
                            : `${name}: ${this.held} claims hold`);
    return this.failed ? 1 : 0;
  }
}
