/** The five fields of an expression as sets of bits; bit 0 is the lowest value of the field. */
export interface CronFields {
  /** Minutes 0 to 29. */
  readonly minutesLow: number;
  /** Minutes 30 to 59. */
  readonly minutesHigh: number;
  readonly hours: number;
  /** Bit 0 is the first of the month. */
  readonly daysOfMonth: number;
  /** Bit 0 is January. */
  readonly months: number;
  /** Bit 0 is Sunday. */
  readonly daysOfWeek: number;
  /** Whether the hour is `*` or a step of it, so that the schedule follows elapsed time. */
  readonly everyHour: boolean;
  /** Whether the day of the month is `*`. */
  readonly anyDayOfMonth: boolean;
  /** Whether the day of the week is `*`. */
  readonly anyDayOfWeek: boolean;
}
