// Package tokens is what inputs of the kind input.Tokens come from: texts as numbers of tokens, and bytes.
//
//   - seeds from text lines and JSON lines, through a [Tokenizer], which is a Go function, and from files as bytes: [Lines], [JSONLines], [Files]
//   - mutation operators with severities, in the share of the text that they change: [Substitution], [Deletion], [Insertion],
//     [SwapNeighbours], [Truncation]; and of texts before their tokenizer: [Case], [Whitespace]
//
// A model's input has one length: what is shorter is filled with padding. An input.Vocabulary says which tokens there are, which
// of them is the padding, and which are special: a search neither puts these in nor takes them out.
//
//	bytes5 := input.Vocabulary{Size: 259, Pad: 0, Special: []int{1, 2}}
//	seeds, err := tokens.JSONLines("sentences.jsonl", bytes5, tokenize, tokens.Length(96), tokens.Label("label"))
//
// A model's attention mask follows from the tokens (see onnx.Made and [Mask]); where it is a fixed part of the seeds, see [WithMask].
package tokens
