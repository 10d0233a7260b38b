package main

import (
	"debug/elf"
	"debug/macho"
	"debug/pe"
	"fmt"
	"runtime"
	"slices"
	"strings"
)

// A target is a system and an architecture, as Go names them.
type target struct{ os, arch string }

// targets is where the program is meant to run.
var targets = []target{
	{"linux", "amd64"}, {"linux", "arm64"},
	{"windows", "amd64"}, {"windows", "arm64"},
	{"darwin", "amd64"}, {"darwin", "arm64"},
}

// host is the target that this runs on.
func host() target { return target{runtime.GOOS, runtime.GOARCH} }

func (t target) String() string { return t.os + "/" + t.arch }

// exe is how a program's file name ends.
func (t target) exe() string {
	if t.os == "windows" {
		return ".exe"
	}
	return ""
}

// env makes the Go tool build for the target, without cgo.
func (t target) env() []string {
	return []string{"GOOS=" + t.os, "GOARCH=" + t.arch, "CGO_ENABLED=0"}
}

// inspect reads in a program's own headers whether it is for the target, and
// whether it runs there as it should: on Linux without a loader or a shared
// library, on Windows in the console that started it, on macOS with nothing but
// the system's libraries.
func inspect(t target, program string) error {
	var err error
	switch t.os {
	case "linux":
		err = inspectELF(t, program)
	case "windows":
		err = inspectPE(t, program, pe.IMAGE_SUBSYSTEM_WINDOWS_CUI)
	case "darwin":
		err = inspectMachO(t, program)
	}
	if err != nil {
		return fmt.Errorf("%s for %s: %w", program, t, err)
	}
	return nil
}

func inspectELF(t target, program string) error {
	f, err := elf.Open(program)
	if err != nil {
		return err
	}
	defer func() { _ = f.Close() }()
	if want := map[string]elf.Machine{"amd64": elf.EM_X86_64, "arm64": elf.EM_AARCH64}; f.Machine != want[t.arch] {
		return fmt.Errorf("it is for the machine %v", f.Machine)
	}
	if slices.ContainsFunc(f.Progs, func(p *elf.Prog) bool { return p.Type == elf.PT_INTERP }) {
		return fmt.Errorf("it asks for a dynamic loader")
	}
	if libraries, err := f.ImportedLibraries(); err == nil && len(libraries) > 0 {
		return fmt.Errorf("it needs %s", strings.Join(libraries, ", "))
	}
	return nil
}

// inspectWindow reads the same of a program with a window: on Windows no console
// opens with it, on Linux it is linked with the system's webview.
func inspectWindow(t target, program string) error {
	var err error
	switch t.os {
	case "windows":
		err = inspectPE(t, program, pe.IMAGE_SUBSYSTEM_WINDOWS_GUI)
	case "darwin":
		err = inspectMachO(t, program)
	case "linux":
		err = linkedWith(program, "libwebkit2gtk-4.1.so.0")
	}
	if err != nil {
		return fmt.Errorf("%s for %s: %w", program, t, err)
	}
	return nil
}

func linkedWith(program, library string) error {
	f, err := elf.Open(program)
	if err != nil {
		return err
	}
	defer func() { _ = f.Close() }()
	libraries, err := f.ImportedLibraries()
	if err == nil && !slices.Contains(libraries, library) {
		err = fmt.Errorf("it does not need %s", library)
	}
	return err
}

func inspectPE(t target, program string, subsystem uint16) error {
	f, err := pe.Open(program)
	if err != nil {
		return err
	}
	defer func() { _ = f.Close() }()
	if want := map[string]uint16{"amd64": pe.IMAGE_FILE_MACHINE_AMD64, "arm64": pe.IMAGE_FILE_MACHINE_ARM64}; f.Machine != want[t.arch] {
		return fmt.Errorf("it is for the machine %#x", f.Machine)
	}
	header, ok := f.OptionalHeader.(*pe.OptionalHeader64)
	if !ok || header.Subsystem != subsystem {
		return fmt.Errorf("it is not a %s program", map[uint16]string{
			pe.IMAGE_SUBSYSTEM_WINDOWS_CUI: "console", pe.IMAGE_SUBSYSTEM_WINDOWS_GUI: "window"}[subsystem])
	}
	return nil
}

func inspectMachO(t target, program string) error {
	f, err := macho.Open(program)
	if err != nil {
		return err
	}
	defer func() { _ = f.Close() }()
	if want := map[string]macho.Cpu{"amd64": macho.CpuAmd64, "arm64": macho.CpuArm64}; f.Cpu != want[t.arch] {
		return fmt.Errorf("it is for the machine %v", f.Cpu)
	}
	libraries, err := f.ImportedLibraries()
	if err != nil {
		return err
	}
	for _, l := range libraries {
		if !strings.HasPrefix(l, "/usr/lib/") && !strings.HasPrefix(l, "/System/Library/") {
			return fmt.Errorf("it needs %s, which is not the system's", l)
		}
	}
	return nil
}
