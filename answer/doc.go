// Package answer says what models answer, and whether two answers are a deviation.
//
//   - an answer is a row of scores, one a class; [Label], [Margin] and others say what stands in it
//   - an [Oracle] decides whether two answers are a deviation: [Top1], [TopK], [ScoreTolerance], [LabelOnly], or stricter ones by
//     [MinConfidence] and [MinGap]
//   - [Judge] asks an oracle. NaN and infinity of the compressed model alone are the worst deviation, [NotFinite], whatever
//     the oracle
package answer
