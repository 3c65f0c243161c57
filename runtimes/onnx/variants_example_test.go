//go:build cgo

package onnx_test

import (
	"fmt"

	"github.com/triggerfinder/triggerfinder/fixtures"
	"github.com/triggerfinder/triggerfinder/model"
	"github.com/triggerfinder/triggerfinder/runtimes/onnx"
)

// The weights of the copy differ by 1 % of the standard deviation of their tensor.
func ExampleOpenPerturbedFS() {
	original := model.Must(onnx.OpenFS(fixtures.Models, "lenet5.onnx", onnx.Scale(fixtures.Scale)))
	defer original.Close()
	perturbed, err := onnx.OpenPerturbedFS(fixtures.Models, "lenet5.onnx", 0.01, 0, onnx.Scale(fixtures.Scale))
	if err != nil {
		fmt.Println(err)
		return
	}
	defer perturbed.Close()
	pair := model.Must(model.NewPair("canary", original, perturbed))
	o, c := pair.Describe()
	fmt.Println(o.SHA256 != c.SHA256)
	// Output: true
}

func ExampleOpenVariantsFS() {
	p := fixtures.LeNet5Pruned
	variants, err := onnx.OpenVariantsFS(fixtures.Models, p.Original, p.Compressed, onnx.Scale(fixtures.Scale))
	if err != nil {
		fmt.Println(err)
		return
	}
	defer variants.Close()
	for _, v := range variants {
		fmt.Println(v.Setting)
	}
	// Output:
	// optimisation none
	// optimisation basic
	// optimisation extended
	// 2 threads
}
