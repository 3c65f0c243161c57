// Triggerfinder searches for inputs on which a compressed neural network deviates from its original,
// for people who want to try it before they write a test, and for scripts.
//
//	triggerfinder search --original a.onnx --compressed b.onnx --seeds images --scale 1/255 --out triggers
//	triggerfinder replay triggers
//	triggerfinder minimize triggers
//	triggerfinder layers --triggers triggers
//
// See docs/commandline.md, or triggerfinder help.
package main

import (
	"errors"
	"fmt"
	"io"
	"os"
	"regexp"
	"strings"

	"github.com/triggerfinder/triggerfinder/internal/commandline"
	"github.com/triggerfinder/triggerfinder/report"
)

// The exit codes.
const (
	exitNothing = 0 // no deviation
	exitFound   = 1
	exitError   = 2
)

// console is where a command writes.
type console struct {
	out, err io.Writer
	live     bool // err is a terminal, on which a line can be written over
	quiet    bool // results in files and errors only
	verbose  bool // more than results
}

// note tells on the error stream what is not a result.
func (c console) note(format string, args ...any) {
	if !c.quiet {
		_, _ = fmt.Fprintf(c.err, format+"\n", args...)
	}
}

func main() {
	os.Exit(run(os.Args[1:], console{out: os.Stdout, err: os.Stderr, live: report.IsTerminal(os.Stderr)}))
}

// run is the program; it returns the exit code.
func run(args []string, c console) int {
	code, err := theProgram(c).Run(args)
	if err == nil {
		return code
	}
	text, misuse := inFlags(err.Error()), commandline.Misuse{}
	misused := errors.As(err, &misuse)
	if misused {
		text = commandline.Misuse{Command: misuse.Command, Text: inFlags(misuse.Text)}.Error() // a command is called like a package
	}
	_, _ = fmt.Fprintf(c.err, "triggerfinder: %s\n", text)
	if misused {
		_, _ = fmt.Fprintf(c.err, "See triggerfinder help%s.\n", strings.TrimRight(" "+misuse.Command, " "))
	}
	return exitError
}

// inFlags says with flags what the packages say with their options, which the user of a command does not
// see.
func inFlags(text string) string {
	text = classOrder.ReplaceAllStringFunc(text, func(option string) string {
		return "--compressed.class-order " + strings.ReplaceAll(classOrder.FindStringSubmatch(option)[1], " ", "")
	})
	text = runtimesOptions.ReplaceAllString(withoutPackages(text), "onnx.$1")
	return goOptions.Replace(text)
}

// runtimesOptions are those that have a counterpart in package onnx, or a flag of their own.
var runtimesOptions = regexp.MustCompile(`\b(?:litert|process)\.([A-Z]\w+)`)

var classOrder = regexp.MustCompile(`onnx\.Compressed\(onnx\.ClassOrder\(([0-9, ]+)\)\)`)

// packagePrefixes are the prefixes by which errors of the packages say where they come from, at the beginning of a line
// and behind what others put in front of them.
var packagePrefixes = regexp.MustCompile(`(?m)(^|: |; )((?:engine|generators|table|tokens|signal|report|dossier|onnx|litert|process|ortlib|restore|gate|layers|repair|shards|stats|triage|strategies): )+`)

// withoutPackages says without names of packages what a user of the command has no use for.
func withoutPackages(text string) string { return packagePrefixes.ReplaceAllString(text, "$1") }

var goOptions = strings.NewReplacer(
	"answer.Tolerance compares numbers, answer.Threshold what is decided by them, answer.SeveralLabels labels that hold each for itself, "+
		"answer.NearestNeighbour and answer.Verification vectors, answer.Detection boxes, answer.Segmentation masks, "+
		"answer.CTC, answer.Tokens and answer.NextToken texts, answer.OracleFunc is a Go function over both answers",
	"--oracle tolerance=absolute:A compares numbers, threshold=T what is decided by them, labels=T labels that hold each for itself, "+
		"nearest=FILE and same=D,in:FILE vectors, detection=score:S boxes, segmentation=share:S masks, ctc, sequence and next-token texts",
	"onnx.Scores(onnx.Raw) with answer.SeveralLabels compares", "--oracle labels=T compares",
	"for an oracle such as answer.Tolerance or answer.NearestNeighbour", "for an --oracle such as tolerance=cosine:D or nearest=FILE",
	"for an oracle such as answer.Tolerance or answer.Threshold", "for an --oracle such as tolerance=absolute:A or threshold=T",
	"LabelThresholds.Logits reads logits", "the word logits, as in labels=0.5,logits, reads logits",
	"set AllowIdentical (AllowingIdenticalScores() of a matcher)", "give --allow-identical",
	"open it with onnx.Open or onnx.OpenFS, which read the files beside it", "give the file itself, beside which the others lie",
	"open it by its path, with onnx.Open", "give its path",
	"generators.NumericOrder sorts", "--numeric-order sorts",
	"generators.EmptyClasses", "--empty-classes",
	"generators.Upright turns", "--upright turns",
	"table.Label and tokens.Label take the names in it", "--class-names takes the names in it",
	"table.Without leaves out a column that is no input, table.Label takes one", "--without leaves out a column that is no input, --label-key takes one",
	"onnx.Preprocess has a function make of a signal", "a test in Go makes of a signal, with onnx.Preprocess,",
	"generators.MapClasses", "--class-map",
	"generators.WithoutLabels", "--no-labels",
	"generators.Labelled", "--labels",
	"expected generators.Texts(vocabulary, tokenizer), which says how texts become tokens or, for JSON lines of numbers, Key or Parts with their fields",
	"expected --tokens b+N and --vocabulary, which say how bytes become tokens (a test in Go takes any tokenizer) or, for JSON lines of numbers, --key or --parts with their fields",
	"signal.Samples crops", "--length crops",
	"or Column{Name: …, Missing: …} for how to read them", "or --columns NAME=TYPE?VALUE for how to read them",
	"declare the column a category, or the text with MissingCells", "declare --columns NAME=category",
	"expected Key with the field of the values, or Parts with those of several parts", "expected --key with the field of the values, or --parts with those of several parts",
	"or Vocabulary for tokens", "or --vocabulary for tokens",
	"LabelKey is for", "--label-key is for", "expected Labels with the path of an NPY file", "expected --labels with the path of a file",
	"Key is for", "--key is for",
	"the option Key with the name", "--key with the name",
	// Of triggerfinder-oip, which asks endpoints.
	"oip.Protocol(oip.REST) and oip.Protocol(oip.GRPC)", "http://HOST:PORT/v2/models/NAME and grpc://HOST:PORT/NAME",
	"oip.Protocol(oip.REST)", "http://HOST:PORT/v2/models/NAME",
	"oip.Protocol(oip.GRPC)", "grpc://HOST:PORT/NAME",
	"oip.Token", "TRIGGERFINDER_OIP_TOKEN",
	"oip.TLS", "triggerfinder-oip --ca",
	"oip.MessageLimit", "triggerfinder-oip --message-limit",
	"oip.Timeout", "triggerfinder-oip --timeout",
	"oip.MaxBatch", "--batch",
	"oip.InputTensor", "a test in Go with oip.InputTensor",
	"oip.OutputTensor", "a test in Go with oip.OutputTensor",
	"onnx.OutputAs(name, as)", "--output-as OUTPUT=NAME",
	"onnx.OutputAs", "--output-as",
	"onnx.Timeout", "--timeout",
	"onnx.Signature(key)", "--signature KEY",
	"onnx.Signature", "--signature",
	"onnx.Layout(onnx.NCHW)", "--layout NCHW",
	"onnx.Layout(onnx.NHWC)", "--layout NHWC",
	"onnx.GreyToRGB()", "--grey-to-rgb",
	"onnx.QuantizedInput(scale, zeroPoint)", "--quantized-input SCALE,ZERO",
	"onnx.QuantizedOutput(scale, zeroPoint)", "--quantized-output SCALE,ZERO",
	"onnx.QuantizedInput", "--quantized-input",
	"onnx.QuantizedOutput", "--quantized-output",
	"onnx.ImageInput", "--scale 1/255",
	"onnx.Feed(target, part)", "--feed INPUT=PART",
	"onnx.Fixed(name, values...) and onnx.Made(name, func) need no part", "--fixed NAME=NUMBER needs no part",
	"onnx.State(", "a test in Go with onnx.State(", "and onnx.Steps go through", "and onnx.Steps goes through",
	"onnx.Feed", "--feed",
	"onnx.Fixed", "--fixed",
	"a part feeds the input of its name (see input.Join)", "a part (--parts) feeds the input of its name",
	"generators.FixedParts takes", "--fixed-parts takes",
	"Parts, FixedParts and ForPart are for", "--parts and --fixed-parts are for",
	"option FixedParts: expected Parts too", "--fixed-parts: expected --parts too",
	"option FixedParts:", "--fixed-parts:",
	"option Parts:", "--parts:",
	"expected In, OfKind and Shaped inside ForPart(name, …), since there are", "expected --domain and --kind for one searched part alone, since there are",
	"onnx.Output(names...)", "--output NAME",
	"onnx.Output(name)", "--output NAME",
	"onnx.Output", "--output",
	"onnx.Gradients", "--gradients",
	"onnx.ExactProducts", "--exact-products",
	"option ExecutionProvider:", "--provider:",
	"onnx.NoFallback", "--no-fallback",
	"onnx.RuntimeLibrary or TRIGGERFINDER_ONNXRUNTIME (ortlib.Resolve with Provider finds it)", "TRIGGERFINDER_ONNXRUNTIME",
	"neither onnx.RuntimeLibrary nor TRIGGERFINDER_ONNXRUNTIME names another", "TRIGGERFINDER_ONNXRUNTIME names no other",
	"onnx.RuntimeLibrary or TRIGGERFINDER_ONNXRUNTIME", "TRIGGERFINDER_ONNXRUNTIME",
	"run one of the models in a program of its own (package process)", "a test in Go runs one of the models in a program of its own (package process)",
	"onnx.Channels", "--channels",
	"onnx.Layout", "--layout",
	"onnx.Scores(onnx.Logits)", "--scores logits",
	"onnx.Scores(onnx.Probabilities)", "--scores probabilities",
	"onnx.Scores(onnx.LogProbabilities)", "--scores log-probabilities",
	"onnx.Scores(onnx.Raw)", "--scores raw",
	"onnx.Compressed(onnx.ClassOrder(...))", "--compressed.class-order LIST",
	"onnx.ClassOrder", "--class-order",
	"onnx.Scores", "--scores",
	"onnx.Scale", "--scale",
	"onnx.Mean", "--mean",
	"onnx.Std", "--std",
	"the option In, which", "--domain MIN,MAX, which",
	"unless SkippedAtMost accepts more", "unless --skipped-at-most accepts more",
	"expected the key of one of", "expected --key with one of",
)
