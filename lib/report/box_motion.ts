/** A loss over the place of the box. */
export interface MovingLoss {
  readonly name: string;
  /** One value for each shift. */
  readonly values: ArrayLike<number>;
}

/** A box that moves past its target, and what losses say on the way. */
export interface BoxMotion {
  /** How far the box has moved, ascending, in `unit`. */
  readonly shifts: readonly number[];
  /** What a shift is measured in, e.g. `strides`. */
  readonly unit: string;
  /** The true box, the teacher's, and the moving one at each shift, in `unit`. */
  readonly target: ArrayLike<number>;
  readonly teacher: ArrayLike<number>;
  readonly student: readonly ArrayLike<number>[];
  /** The teacher's shift: its box is as far from the target. */
  readonly teacherShift: number;
  /** One panel below the other, each with its axis title and 1 to 4 losses. */
  readonly panels: readonly {
    readonly title: string;
    readonly losses: readonly MovingLoss[];
  }[];
}

/**
 * Fails where a motion cannot be drawn.
 *
 * @param motion what is to be drawn
 * @param states indices of shifts that the slider offers
 * @param open the one it opens at
 */
export function checkBoxMotion(
  { shifts, student, panels }: BoxMotion,
  states: readonly number[],
  open: number,
): void {
  const most = 4;
  const task = "Cannot draw a moving box";
  if (student.length !== shifts.length) {
    throw new TypeError(
      `${task}: there must be a box for each of the ${shifts.length} shifts: current number is ${student.length}`,
    );
  }
  if (panels.length === 0) {
    throw new RangeError(`${task}: there must be at least one panel of losses`);
  }
  for (const { title, losses } of panels) {
    if (!(losses.length >= 1 && losses.length <= most)) {
      throw new RangeError(
        `${task}: panel "${title}" must have 1 to ${most} losses: current number is ${losses.length}`,
      );
    }
    const odd = losses.find(({ values }) => values.length !== shifts.length);
    if (odd !== undefined) {
      throw new TypeError(
        `${task}: ${odd.name} must have a value for each of the ${shifts.length} shifts: current number is ${odd.values.length}`,
      );
    }
  }
  if (!states.includes(open) || states.some((at) => !(at in shifts))) {
    throw new RangeError(
      `${task}: states must be indices of shifts and hold the one that is open, ${open}: current states are ${states}`,
    );
  }
}
