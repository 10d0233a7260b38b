//go:build !linux

package traytest
