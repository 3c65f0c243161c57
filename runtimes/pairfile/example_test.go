//go:build cgo

package pairfile_test

import (
	"fmt"

	"github.com/triggerfinder/triggerfinder/runtimes/pairfile"
)

func ExampleOpen() {
	pair, err := pairfile.Open("testdata/triggerfinder.yaml")
	if err != nil {
		fmt.Println(err)
		return
	}
	defer pair.Close()

	original, _ := pair.Describe()
	fmt.Println(pair)
	fmt.Println(original.Settings["preprocess"])
	// Output:
	// pair lenet5-vs-lenet5-int8 (lenet5, lenet5-int8)
	// x * 0.00392157
}

func ExampleLoad() {
	f, err := pairfile.Load("testdata/triggerfinder.yaml")
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, v := range f.Values()[2:3] {
		fmt.Println(v.Key, v.Text, "in line", v.Line)
	}
	fmt.Println(f.ClassNames[9])
	// Output:
	// scale 1/255 in line 4
	// boot
}

func ExampleParse() {
	_, err := pairfile.Parse("triggerfinder.yaml", []byte("original: a.onnx\ncompresed: b.onnx\n"))
	fmt.Println(err)
	// Output:
	// triggerfinder.yaml:2: compresed: there is no such key; did you mean compressed?
}
