// Package answer says what models answer, and whether two answers are a deviation.
//
//   - an [Answer] is numbers: a row of scores, one a class, or named outputs; [Label], [Margin] and others say what stands in a
//     row of scores
//   - an [Oracle] decides whether two answers are a deviation: [Top1], [TopK], [ScoreTolerance], [LabelOnly], or stricter ones by
//     [MinConfidence] and [MinGap]; for answers that are no class scores [Tolerance] and [Threshold] for numbers, [SeveralLabels]
//     for labels that hold each for itself, [NearestNeighbour] and [Verification] for embeddings, [Detection] for boxes, [Segmentation] for
//     labels of pixels, [CTC], [Tokens] and [NextToken] for texts, [OracleFunc] for anything, and [AnyOf] several. [ParseOracle] reads them
//   - a [Deviation] is how two answers deviate, in words: two labels, or what an oracle tells itself (see [Teller])
//   - [Judge] asks an oracle. NaN and infinity of the compressed model alone are the worst deviation, [NotFinite], whatever
//     the oracle
package answer
