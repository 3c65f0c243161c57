package main

import (
	"context"
	"fmt"
	"os"
	"path/filepath"

	"github.com/triggerfinder/triggerfinder/input/npy"
	"github.com/triggerfinder/triggerfinder/zoo/wild"
)

// efficientNet makes EfficientNet-Lite0 and its 8-bit version the pair, and an array of prepared photos the images: so all builds get the
// same ones.
func efficientNet(ctx context.Context, o *options, folder string) error {
	photos, err := wild.Photos(o.photos)
	if err != nil {
		return fmt.Errorf("-photos: %w", err)
	}
	if o.skip < 0 || o.seeds < 1 || o.skip+o.seeds > photos.Len() {
		return fmt.Errorf("-photos: expected at least -skip and -seeds, %d and %d, together, found %d photos", o.skip, o.seeds, photos.Len())
	}
	var values []float32
	for i := range o.seeds {
		seed, err := photos.Seed(o.skip + i)
		if err != nil {
			return fmt.Errorf("-photos: %w", err)
		}
		values = append(values, seed.Input.Data...)
	}
	array, err := npy.FromFloat32s(npy.Uint8, []int{o.seeds, 224, 224, 3}, values)
	if err != nil {
		return err
	}
	data, err := array.Encode()
	if err != nil {
		return err
	}
	o.images, o.mean, o.std = filepath.Join(folder, "photos.npy"), 127, 128
	if err := os.WriteFile(o.images, data, 0o666); err != nil {
		return err
	}
	o.original, o.compressed, err = wild.EfficientNetInt8.Files(ctx)
	return err
}
