package main

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"slices"

	"github.com/portolan-app/portolan/build/dev/typescript"
)

// wireTypes is where the front end has the types of the wire.
var wireTypes = filepath.Join("frontend", "src", "backend", "types.ts")

// generate writes what is made from the Go nouns.
func generate(context.Context, []string) error {
	types, err := makeTypes()
	if err != nil {
		return err
	}
	return os.WriteFile(wireTypes, types, 0o644) //nolint:gosec // a source file is for everybody to read
}

// wireTypesCurrent fails if the committed types are not those of the nouns.
func wireTypesCurrent(context.Context) error {
	types, err := makeTypes()
	if err != nil {
		return err
	}
	committed, err := os.ReadFile(wireTypes)
	if err != nil {
		return err
	}
	if !slices.Equal(types, committed) {
		return errors.New(wireTypes + " is out of date: run go run ./build/dev generate")
	}
	return nil
}

func makeTypes() ([]byte, error) {
	return typescript.Generate(filepath.Join("internal", "portolan"), filepath.Join("internal", "api"))
}
