package generators

import (
	"bufio"
	"bytes"
	"compress/gzip"
	"errors"
	"fmt"
	"io"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"github.com/triggerfinder/triggerfinder/generators/signal"
	"github.com/triggerfinder/triggerfinder/generators/table"
	"github.com/triggerfinder/triggerfinder/generators/tokens"
	"github.com/triggerfinder/triggerfinder/input"
	"github.com/triggerfinder/triggerfinder/input/npy"
	"github.com/triggerfinder/triggerfinder/input/pixels"
)

// Open returns the seeds at a path, whatever their format: a folder of images (see [ImageFolder]) or of WAV files (signal.Folder), or a file in the format of
// IDX, CIFAR, NPY, NPZ or WAV, which is told by its content, and for CIFAR by its size and the ending .bin, or of CSV (table.CSV), JSON lines or text,
// which is told by its ending: .csv, .tsv, .jsonl, .ndjson, .txt. A folder without images and sounds may hold one such file.
//
// Options are for their format alone: those of arrays, and [Grey], [RGB] and [Upright] for images, as they are; others inside [Sounds], [Table], [Texts] and [Bytes],
// which say also what a file of another ending is, and with Bytes each file of a folder. [NumericOrder] and [EmptyClasses] are for every folder. Texts need a
// tokenizer: see Texts.
//
// An array of the shape [height, width, channels], with 1 or 3 channels, is one seed. Of an archive,
// the only array that may hold images is taken, and the only one that may hold their labels. Labels of
// an IDX file are those in the file beside it that is named after it as MNIST's are, when they are as
// many. [LabelKey] names the column or the field of the classes in CSV files and JSON lines too, and [Key] the field of texts. A file of JSON lines whose fields hold numbers is read as [JSONLines] does, where [Key] or [Parts] names them.
func Open(path string, options ...OpenOption) (input.Seeds, error) {
	o, err := newOpening(options)
	if err != nil {
		return nil, err
	}
	info, err := os.Stat(path)
	if err != nil {
		return nil, fmt.Errorf("generators: %w", err)
	}
	if info.IsDir() {
		return o.folder(path)
	}
	return o.file(path)
}

// OpenOption is an option of [Open]: an [ArrayOption], a [FolderOption], a [ClassOption], or what [Sounds], [Table], [Texts] and [Bytes] return.
type OpenOption interface{ OfOpen() }

// OfOpen implements [OpenOption].
func (ArrayOption) OfOpen() {}

// openSetting is an option of Open alone.
type openSetting func(*opening)

// OfOpen implements [OpenOption].
func (openSetting) OfOpen() {}

// Sounds has [Open] read WAV files in that way.
func Sounds(options ...signal.Option) OpenOption {
	return openSetting(func(o *opening) { o.format, o.sounds = append(o.format, "WAV"), append(o.sounds, options...) })
}

// Table has [Open] read a CSV file in that way.
func Table(options ...table.Option) OpenOption {
	return openSetting(func(o *opening) { o.format, o.table = append(o.format, "CSV"), append(o.table, options...) })
}

// Texts has [Open] read the lines of a text file, or the texts of JSON lines, as tokens in that way: see tokens.Lines and tokens.JSONLines.
func Texts(vocabulary input.Vocabulary, encode tokens.Tokenizer, options ...tokens.Option) OpenOption {
	return openSetting(func(o *opening) { o.format, o.texts = append(o.format, "text"), texts{vocabulary, encode, options} })
}

// Bytes has [Open] read the bytes of a file, or of each file of a folder, as tokens in that way: see tokens.Files and tokens.Folder.
func Bytes(vocabulary input.Vocabulary, options ...tokens.Option) OpenOption {
	return openSetting(func(o *opening) { o.format, o.texts = append(o.format, "bytes"), texts{vocabulary, nil, options} })
}

// opening is how Open reads what it finds.
type opening struct {
	format  []string // that the options are for: of at most one of Sounds, Table, Texts and Bytes
	arrays  []ArrayOption
	array   arrayOptions
	folders []FolderOption // of images alone
	classes []ClassOption
	sounds  []signal.Option
	table   []table.Option
	texts   texts
}

type texts struct {
	vocabulary input.Vocabulary
	encode     tokens.Tokenizer
	options    []tokens.Option
}

func newOpening(options []OpenOption) (*opening, error) {
	o := &opening{}
	for _, option := range options {
		switch option := option.(type) {
		case ArrayOption:
			o.arrays = append(o.arrays, option)
		case ClassOption:
			o.classes = append(o.classes, option)
		case folderSetting:
			o.folders = append(o.folders, option)
		case openSetting:
			option(o)
		default:
			return nil, fmt.Errorf("generators: Open: expected options of package generators, found %T", option)
		}
	}
	var err error
	if o.array, err = newArrayOptions(o.arrays); err != nil {
		return nil, err
	}
	if len(o.format) > 1 {
		return nil, fmt.Errorf("generators: Open: expected options of one format, found those of %s", strings.Join(o.format, " and "))
	}
	return o, nil
}

// is reports whether the options are for that format.
func (o *opening) is(format string) bool { return len(o.format) == 1 && o.format[0] == format }

// only finds options that are for anything else than the format that was found.
func (o *opening) only(path string, found seedFormat) error {
	wrong := func(what string) error {
		return fmt.Errorf("generators: %s: expected %s, which the options are for, found a file in the format %s", path, what, found)
	}
	array := o.array
	switch {
	case found == npyFormat || found == npzFormat || found == jsonLinesFormat && !o.is("text"):
		array = arrayOptions{}
	case found == jsonLinesFormat: // of texts
		array.key, array.labelKey = "", ""
	case found == csvFormat:
		array.labelKey = ""
	}
	switch {
	case array.given():
		return wrong("an array")
	case o.is("WAV") && found != wavFormat:
		return wrong("WAV")
	case o.is("CSV") && found != csvFormat:
		return wrong("CSV")
	case o.is("text") && found != textFormat && found != jsonLinesFormat:
		return wrong("text or JSON lines")
	}
	return nil
}

func notAFolder(path, of string) error {
	return fmt.Errorf("generators: %s: expected a folder%s, which the options are for, found a file", path, of)
}

// given reports whether there is any option.
func (o arrayOptions) given() bool {
	return o.hasDomain || o.hasKind || o.single || o.shape != nil || o.labelsPath != "" || o.labelKey != "" || o.key != "" || o.parts != nil || o.ofParts != nil
}

// whatIsRead is for errors.
const whatIsRead = "a folder of " + pixels.Formats + " files, or of WAV files, or a file in the format NPY, NPZ, IDX (also .gz), CIFAR (its binary version, .bin), " +
	"WAV, CSV (.csv, .tsv), JSON lines (.jsonl) or text (.txt)"

// folder opens images or sounds, or else the only file of seeds in the folder.
func (o *opening) folder(dir string) (input.Seeds, error) {
	switch {
	case o.is("bytes"):
		return orError(tokens.Folder(dir, o.texts.vocabulary, with(o.texts.options, o.classes)...))
	case o.is("WAV"):
		return orError(signal.Folder(dir, with(o.sounds, o.classes)...))
	case len(o.format) > 0: // a file
		return o.onlyFile(dir, nil)
	}
	images, err := ImageFolder(dir, with(o.folders, o.classes)...)
	if err == nil {
		if o.array.given() {
			return nil, fmt.Errorf("generators: %s: expected an array, which the options are for, found a folder of images", dir)
		}
		return images, nil
	}
	probe := &Folder{fsys: os.DirFS(dir)}
	if files, listErr := probe.list(dir); listErr != nil || len(files.Paths) > 0 {
		return nil, err // there are images, and something else is wrong
	}
	sounds, soundsErr := signal.Folder(dir, with[signal.Option](nil, o.classes)...)
	switch {
	case soundsErr != nil:
		return o.onlyFile(dir, err)
	case len(o.folders) > 0:
		return nil, fmt.Errorf("generators: %s: expected a folder of images, which the options are for, found one of WAV files", dir)
	case o.array.given():
		return nil, fmt.Errorf("generators: %s: expected an array, which the options are for, found a folder of WAV files", dir)
	}
	return sounds, nil
}

// with are options and those about folders of classes.
func with[T any](options []T, classes []ClassOption) []T {
	options = slices.Clone(options)
	for _, c := range classes {
		options = append(options, any(c).(T))
	}
	return options
}

// orError keeps a nil pointer from becoming an interface that is not nil.
func orError[T input.Seeds](seeds T, err error) (input.Seeds, error) {
	if err != nil {
		return nil, err
	}
	return seeds, nil
}

// onlyFile opens the only file of seeds in a folder without images. none is the error where there is none.
func (o *opening) onlyFile(dir string, none error) (input.Seeds, error) {
	files, err := o.seedFiles(dir)
	switch {
	case err != nil:
		return nil, fmt.Errorf("generators: %w", err)
	case len(files) == 0 && none != nil:
		return nil, fmt.Errorf("%w; WAV files, or one file of seeds, are read too", none)
	case len(files) == 0:
		return nil, fmt.Errorf("generators: %s: expected %s, which the options are for, found a folder without such a file", dir, o.format[0])
	case len(files) == 1:
		return o.file(filepath.Join(dir, files[0]))
	}
	const shown = 8
	names := strings.Join(files[:min(shown, len(files))], ", ")
	if len(files) > shown {
		names += ", …"
	}
	return nil, fmt.Errorf("generators: %s: expected images or one file of seeds, found %d: %s; give one of these files", dir, len(files), names)
}

// seedFiles lists the files of a folder that look like seeds, in order of names: those that the options are for or, without such options, arrays, and only
// where there are none, tables and JSON lines. Labels are left out.
func (o *opening) seedFiles(dir string) ([]string, error) {
	entries, err := os.ReadDir(dir)
	if err != nil {
		return nil, err
	}
	found := map[seedFormat][]string{}
	var arrays []string
	for _, entry := range entries {
		if strings.HasPrefix(entry.Name(), ".") {
			continue
		}
		file, err := openFile(filepath.Join(dir, entry.Name()))
		if err != nil {
			continue // a folder, or unreadable
		}
		f, err := formatOf(file)
		switch {
		case err != nil || f == unknownFormat:
			continue
		case f == idxFormat:
			if dims, err := idxDims(file); err == nil && len(dims) < 3 {
				continue
			}
		case f == npyFormat:
			if header, err := npy.ReadHeader(file.reader(0)); err == nil && len(header.Shape) < 2 {
				continue
			}
		}
		found[f] = append(found[f], entry.Name())
		if f != csvFormat && f != textFormat && f != jsonLinesFormat && f != wavFormat {
			arrays = append(arrays, entry.Name())
		}
	}
	switch {
	case o.is("CSV"):
		return found[csvFormat], nil
	case o.is("text"):
		return slices.Concat(found[jsonLinesFormat], found[textFormat]), nil
	case len(arrays) > 0:
		return arrays, nil
	}
	return slices.Concat(found[csvFormat], found[jsonLinesFormat]), nil
}

// file opens a file of seeds.
func (o *opening) file(path string) (input.Seeds, error) {
	switch {
	case len(o.folders) > 0:
		return nil, notAFolder(path, " of images")
	case len(o.classes) > 0:
		return nil, notAFolder(path, "")
	}
	if o.is("bytes") {
		return orError(tokens.Files([]string{path}, o.texts.vocabulary, o.texts.options...))
	}
	file, err := openFile(path)
	if err != nil {
		return nil, err
	}
	format, err := formatOf(file)
	if err != nil {
		return nil, err
	}
	switch { // what the content and the ending leave open
	case format != unknownFormat:
	case o.is("CSV"):
		format = csvFormat
	case o.is("text"):
		format = textFormat
	}
	if format != unknownFormat {
		if err := o.only(path, format); err != nil {
			return nil, err
		}
	}
	switch format {
	case wavFormat:
		return orError(signal.WAV(path, o.sounds...))
	case csvFormat:
		options := slices.Clone(o.table)
		if strings.EqualFold(filepath.Ext(path), ".tsv") {
			options = append([]table.Option{table.Comma('\t')}, options...)
		}
		if key := o.array.labelKey; key != "" {
			options = append(options, table.Label(key, o.array.classes...))
		}
		return orError(table.CSV(path, options...))
	case textFormat:
		if o.texts.encode == nil {
			return nil, needsTokenizer(path)
		}
		return orError(tokens.Lines(path, o.texts.vocabulary, o.texts.encode, o.texts.options...))
	case jsonLinesFormat:
		switch {
		case o.texts.encode != nil:
			options := slices.Clone(o.texts.options)
			if key := o.array.key; key != "" {
				options = append(options, tokens.Text(key))
			}
			if key := o.array.labelKey; key != "" {
				options = append(options, tokens.Label(key, o.array.classes...))
			}
			return orError(tokens.JSONLines(path, o.texts.vocabulary, o.texts.encode, options...))
		case o.array.key != "" || o.array.parts != nil:
			return JSONLines(path, o.arrays...)
		}
		return nil, needsTokenizer(path)
	}
	seeds, err := openSeeds(file, o.array)
	if images, ok := seeds.(*array); ok && images.labels == nil {
		var note string
		if images.labels, note = labelsBeside(path, images.n); note != "" {
			images.notes = append(images.notes, note)
		}
	}
	return seeds, err
}

func needsTokenizer(path string) error {
	return fmt.Errorf("generators: %s: expected generators.Texts(vocabulary, tokenizer), which says how texts become tokens or, for JSON lines of numbers, "+
		"Key or Parts with their fields, found neither", path)
}

// openSeeds opens a file of arrays or images.
func openSeeds(file blob, o arrayOptions) (input.Seeds, error) {
	format, err := formatOf(file)
	if err != nil {
		return nil, err
	}
	if o.given() && format != npyFormat && format != npzFormat && format != unknownFormat {
		return nil, fmt.Errorf("generators: %s: expected an array, which the options are for, found a file in the format %s", file.name, format)
	}
	switch format {
	case npyFormat:
		return openNPY(file, o)
	case npzFormat:
		return openNPZ(file, o)
	case idxFormat:
		return orError(parseIDXImages(file))
	case cifar10Format, cifar100Format:
		c := &cifar{layout: cifarLayout{labels: 1, classes: 10}}
		if format == cifar100Format {
			c.layout = cifarLayout{labels: 2, classes: 100}
		}
		if err := c.add(file); err != nil {
			return nil, err
		}
		c.nameClasses(file.name)
		return c, nil
	}
	return nil, fmt.Errorf("generators: %s: expected %s, found %s", file.name, whatIsRead, describeContent(file))
}

func openNPY(file blob, o arrayOptions) (input.Seeds, error) {
	if o.key != "" {
		return nil, fmt.Errorf("generators: %s: Key is for NPZ files", file.name)
	}
	if o.labelKey != "" {
		return nil, fmt.Errorf("generators: %s: LabelKey is for NPZ files; expected Labels with the path of an NPY file", file.name)
	}
	if o.parts != nil || o.ofParts != nil {
		return nil, fmt.Errorf("generators: %s: Parts, FixedParts and ForPart are for NPZ files, with an array for each part", file.name)
	}
	a, err := parseNPY(file)
	if err != nil {
		return nil, err
	}
	o.single = o.single || o.shape == nil && !o.otherThanImages() && isOneImage(a.Header)
	seeds, err := a.seeds(o)
	if err != nil {
		return nil, err
	}
	return seeds.withLabelsOf(o.labelsPath)
}

func openNPZ(file blob, o arrayOptions) (input.Seeds, error) {
	archive, err := openArchive(file)
	if err != nil {
		return nil, err
	}
	if o.parts != nil || o.ofParts != nil {
		return archive.partsOf(o)
	}
	key, labels, unfit := archive.choose()
	if o.key != "" {
		key, labels, unfit = o.key, "", nil
	}
	if unfit != nil && o.labelKey == "" && o.labelsPath == "" && !o.single {
		return nil, unfit
	}
	if o.labelKey == "" && o.labelsPath == "" && !o.single {
		o.labelKey = labels
	}
	values, err := archive.unpack(key)
	if err != nil {
		return nil, err
	}
	o.single = o.single || o.shape == nil && !o.otherThanImages() && isOneImage(values.Header)
	return archive.seedsOf(values, o)
}

// choose finds the only array of an archive that may hold images, and the only one that may hold their labels. A key is
// empty where there is not exactly one. Labels by their name that are not as many as the images are unfit.
func (a archive) choose() (images, labels string, unfit error) {
	headers := map[string]npy.Header{}
	var many, flat []string
	for _, name := range a.Names() {
		header, err := a.Header(name)
		if err != nil {
			continue
		}
		headers[name] = header
		switch {
		case len(header.Shape) >= 3:
			many = append(many, name)
		case mayBeLabels(header):
			flat = append(flat, name)
		}
	}
	if len(many) != 1 {
		return "", "", nil
	}
	image := headers[many[0]]
	switch {
	case len(flat) != 1 || isOneImage(image):
	case headers[flat[0]].Shape[0] == image.Shape[0]:
		labels = flat[0]
	case namesLabels(flat[0]):
		unfit = fmt.Errorf("generators: %s: expected %d labels in %q, one for each seed in %q, found %d; the option Key with the name of the seeds takes them without labels",
			a.file, image.Shape[0], flat[0], many[0], headers[flat[0]].Shape[0])
	}
	return many[0], labels, unfit
}

// namesLabels reports whether an array is called as labels mostly are.
func namesLabels(name string) bool {
	name = strings.ToLower(strings.TrimSuffix(name, ".npy"))
	return name == "y" || strings.HasPrefix(name, "y_") || strings.Contains(name, "label") || strings.HasPrefix(name, "target")
}

// seedFormat is a format of files of seeds.
type seedFormat string

const (
	unknownFormat  seedFormat = ""
	npyFormat      seedFormat = "NPY"
	npzFormat      seedFormat = "NPZ"
	idxFormat      seedFormat = "IDX"
	cifar10Format  seedFormat = "CIFAR-10"
	cifar100Format seedFormat = "CIFAR-100"

	wavFormat       seedFormat = "WAV"
	csvFormat       seedFormat = "CSV"
	textFormat      seedFormat = "text"
	jsonLinesFormat seedFormat = "JSON lines"
)

// endings are the formats that are told by the ending of a name.
var endings = map[string]seedFormat{".csv": csvFormat, ".tsv": csvFormat, ".txt": textFormat, ".jsonl": jsonLinesFormat, ".ndjson": jsonLinesFormat}

// formatOf tells the format by the content, as no two begin alike, except that the pixels of CIFAR may
// look like the header of an IDX file, and those of texts by the ending. An error is one of reading.
func formatOf(file blob) (seedFormat, error) {
	head, err := file.head()
	if err != nil {
		return unknownFormat, err
	}
	switch {
	case bytes.HasPrefix(head, []byte(npy.Magic)):
		return npyFormat, nil
	case bytes.HasPrefix(head, []byte("PK\x03\x04")), bytes.HasPrefix(head, []byte("PK\x05\x06")):
		return npzFormat, nil
	case bytes.HasPrefix(head, []byte("RIFF")):
		kind := make([]byte, 4)
		if n, _ := file.ReadAt(kind, 8); n == len(kind) && string(kind) == "WAVE" {
			return wavFormat, nil
		}
	case bytes.HasPrefix(head, []byte("\x1f\x8b")):
		if inside, err := unpackedHead(file); err == nil && looksLikeIDX(inside) {
			return idxFormat, nil
		}
		return unknownFormat, nil
	}
	if f, ok := endings[strings.ToLower(filepath.Ext(file.name))]; ok {
		return f, nil
	}
	cifar, err := cifarFormatOf(file)
	if err != nil {
		return unknownFormat, err
	}
	if looksLikeIDX(head) {
		if cifar == unknownFormat {
			return idxFormat, nil
		}
		if idx, err := parseIDX(file); err == nil && len(idx.dims) > 0 {
			return idxFormat, nil
		}
	}
	return cifar, nil
}

// head is how the file begins.
func (b blob) head() ([]byte, error) {
	head := make([]byte, 8)
	n, err := b.ReadAt(head, 0)
	if err != nil && !errors.Is(err, io.EOF) {
		return nil, fmt.Errorf("generators: %w", err)
	}
	return head[:n], nil
}

// unpackedHead is how the content of a gzip file begins.
func unpackedHead(file blob) ([]byte, error) {
	packed, err := gzip.NewReader(bufio.NewReader(file.reader(0)))
	if err != nil {
		return nil, err
	}
	head := make([]byte, 8)
	n, err := io.ReadFull(packed, head)
	if err != nil && !errors.Is(err, io.EOF) && !errors.Is(err, io.ErrUnexpectedEOF) {
		return nil, err
	}
	return head[:n], nil
}

// looksLikeIDX knows the types other than bytes too: parseIDX tells that they are not read.
func looksLikeIDX(head []byte) bool {
	return len(head) >= 4 && head[0] == 0 && head[1] == 0 &&
		bytes.IndexByte([]byte{0x08, 0x09, 0x0b, 0x0c, 0x0d, 0x0e}, head[2]) >= 0 && head[3] >= 1 && head[3] <= 8
}

func idxDims(file blob) ([]int, error) {
	head, err := file.head()
	if err != nil {
		return nil, err
	}
	var r io.Reader = file.reader(0)
	if bytes.HasPrefix(head, []byte("\x1f\x8b")) {
		if r, err = gzip.NewReader(bufio.NewReader(r)); err != nil {
			return nil, err
		}
	}
	dims, _, err := readIDXHeader(r)
	return dims, err
}

// cifarFormatOf goes by the name, the size and, where both versions have that size, the labels.
func cifarFormatOf(file blob) (seedFormat, error) {
	if !strings.EqualFold(filepath.Ext(file.name), ".bin") || file.size == 0 {
		return unknownFormat, nil
	}
	ten, hundred := cifarLayout{labels: 1, classes: 10}, cifarLayout{labels: 2, classes: 100}
	isTen := file.size%int64(ten.recordSize()) == 0
	isHundred := file.size%int64(hundred.recordSize()) == 0
	if isTen && isHundred {
		const judged = 64
		for i := range int64(judged) {
			var label [1]byte
			if _, err := file.ReadAt(label[:], i*int64(ten.recordSize())); err != nil {
				return unknownFormat, fmt.Errorf("generators: %w", err)
			}
			if int(label[0]) >= ten.classes {
				return cifar100Format, nil
			}
		}
	}
	switch {
	case isTen:
		return cifar10Format, nil
	case isHundred:
		return cifar100Format, nil
	}
	return unknownFormat, nil
}

// describeContent says what a file that is not read seems to be.
func describeContent(file blob) string {
	head, err := file.head()
	begins := func(prefix string) bool { return bytes.HasPrefix(head, []byte(prefix)) }
	switch {
	case err != nil:
		return err.Error()
	case len(head) == 0:
		return "an empty file"
	case isImageContent(file):
		return "one image; give the folder that it is in"
	case begins("\x1f\x8b"):
		return "gzip data that hold no IDX file; unpack them"
	case head[0] == 0x80 && len(head) > 1 && head[1] >= 2 && head[1] <= 5:
		return "a Python pickle; CIFAR has a binary version too"
	case strings.EqualFold(filepath.Ext(file.name), ".bin"):
		return fmt.Sprintf("a .bin file of %d bytes, no multiple of %d (CIFAR-10) or %d (CIFAR-100)",
			file.size, cifarLayout{labels: 1}.recordSize(), cifarLayout{labels: 2}.recordSize())
	}
	return fmt.Sprintf("a file of %d bytes that begins %q", file.size, head)
}

func isImageContent(file blob) bool {
	head := make([]byte, 16)
	n, _ := file.ReadAt(head, 0)
	if _, err := pixels.FormatOf(head[:n]); err == nil {
		return true
	}
	what := pixels.Describe(head[:n])
	return strings.HasSuffix(what, "image")
}

// labelsBeside reads the labels of an IDX file from the file that is named after it, such as
// t10k-labels-idx1-ubyte.gz for t10k-images-idx3-ubyte.gz. They are a guess: nil unless they fit, with a note where they
// do not.
func labelsBeside(imagesPath string, n int) (labels []int, note string) {
	dir, name := filepath.Split(imagesPath)
	guess := strings.ReplaceAll(strings.ReplaceAll(name, "images", "labels"), "idx3", "idx1")
	guess = strings.ReplaceAll(guess, "idx4", "idx1")
	if guess == name || !strings.Contains(name, "images") || !strings.Contains(name, "idx") {
		return nil, ""
	}
	file, err := openFile(filepath.Join(dir, guess))
	if err != nil {
		return nil, ""
	}
	labels, err = parseIDXLabels(file)
	switch {
	case err != nil:
		return nil, fmt.Sprintf("the labels beside the images are not read: %s", strings.TrimPrefix(err.Error(), "generators: "))
	case len(labels) != n:
		return nil, fmt.Sprintf("the labels beside the images are not taken: %s has %d, for %d images", guess, len(labels), n)
	}
	return labels, ""
}

// OpenLabels reads classes for [Labelled] from a file: an NPY file (see [Labels]), an IDX file of rank 1 (also .gz), or
// a text file with a number a line, such as 3 or 3.0.
func OpenLabels(path string) ([]int, error) {
	file, err := openFile(path)
	if err != nil {
		return nil, err
	}
	return parseLabels(file)
}

func parseLabels(file blob) ([]int, error) {
	switch f, err := formatOf(file); {
	case err != nil:
		return nil, err
	case f == idxFormat:
		return parseIDXLabels(file)
	case f == npyFormat:
		a, err := parseNPY(file)
		if err != nil {
			return nil, err
		}
		return a.classes()
	case f != unknownFormat && f != textFormat && f != csvFormat:
		return nil, fmt.Errorf("generators: %s: expected labels in an NPY, IDX or text file, found a file in the format %s", file.name, f)
	}
	return parseTextLabels(file)
}

func parseTextLabels(file blob) ([]int, error) {
	content, err := io.ReadAll(file.reader(0))
	if err != nil {
		return nil, fmt.Errorf("generators: %w", err)
	}
	var labels []int
	for _, line := range strings.Fields(string(content)) {
		label, err := strconv.ParseFloat(line, 64)
		if err != nil || label != math.Trunc(label) || label < input.Unlabelled || label > math.MaxInt32 {
			return nil, fmt.Errorf("generators: %s: label %d: expected labels in an NPY or IDX file, or a class index a line, found %.20q",
				file.name, len(labels), line)
		}
		labels = append(labels, int(label))
	}
	if len(labels) == 0 {
		return nil, fmt.Errorf("generators: %s: expected labels, found an empty file", file.name)
	}
	return labels, nil
}
