package keyringtest

import (
	"bytes"
	"crypto/aes"
	"crypto/cipher"
	"crypto/hkdf"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"fmt"
	"math/big"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/godbus/dbus/v5"
)

// Answer is what the person at a [Prompter] does with each prompt. It may take its
// time.
type Answer func(warning string) (password string, ok bool)

// The answers of a person: the right password, a click on Cancel, and nobody there
// (nil).
var (
	Right  Answer = func(string) (string, bool) { return Password, true }
	Cancel Answer = func(string) (string, bool) { return "", false }
)

// Prompter stands for the desktop's password window: it speaks gcr's protocol of
// org.gnome.keyring.SystemPrompter, in which a keyring asks, and answers as told.
type Prompter struct {
	conn *dbus.Conn
	key  *exchange

	// Opened receives each prompt as it opens, and Closed as the keyring takes it
	// back or is answered.
	Opened, Closed chan struct{}

	mu     sync.Mutex
	answer Answer
}

const (
	prompterName      = "org.gnome.keyring.SystemPrompter"
	prompterPath      = "/org/gnome/keyring/Prompter"
	prompterInterface = "org.gnome.keyring.internal.Prompter"
)

// StartPrompter puts a prompter on the bus of env until the test ends.
func StartPrompter(tb testing.TB, env []string, answer Answer) *Prompter {
	tb.Helper()
	p := &Prompter{key: newExchange(), answer: answer, Opened: make(chan struct{}, 16), Closed: make(chan struct{}, 16)}
	var err error
	if p.conn, err = dbus.Connect(Address(env)); err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(func() { _ = p.conn.Close() })
	if err := p.conn.Export(p, prompterPath, prompterInterface); err != nil {
		tb.Fatal(err)
	}
	if r, err := p.conn.RequestName(prompterName, dbus.NameFlagDoNotQueue); err != nil || r != dbus.RequestNameReplyPrimaryOwner {
		tb.Fatal(r, err)
	}
	return p
}

// Address is the bus of env.
func Address(env []string) string {
	for _, kv := range env {
		if a, ok := strings.CutPrefix(kv, "DBUS_SESSION_BUS_ADDRESS="); ok {
			return a
		}
	}
	return ""
}

// SetAnswer changes what happens to the next prompts.
func (p *Prompter) SetAnswer(a Answer) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.answer = a
}

// BeginPrompting is called by a keyring that wants to ask.
func (p *Prompter) BeginPrompting(sender dbus.Sender, callback dbus.ObjectPath) *dbus.Error {
	p.Opened <- struct{}{}
	p.ready(sender, callback, "", p.key.begin())
	return nil
}

// PerformPrompt is called with what to show, and the keyring's half of the key.
func (p *Prompter) PerformPrompt(sender dbus.Sender, callback dbus.ObjectPath, _ string, shown map[string]dbus.Variant, theirs string) *dbus.Error {
	p.mu.Lock()
	answer := p.answer
	p.mu.Unlock()
	if answer == nil {
		return nil // nobody is there
	}
	warning, _ := shown["warning"].Value().(string)
	go func() {
		if password, ok := answer(warning); !ok {
			p.ready(sender, callback, "no", p.key.begin())
		} else if sealed, err := p.key.seal(theirs, password); err == nil { // else it is not answered, which a test sees
			p.ready(sender, callback, "yes", sealed)
		}
	}()
	return nil
}

// StopPrompting is called when the keyring is done, or takes its wish back.
func (p *Prompter) StopPrompting(sender dbus.Sender, callback dbus.ObjectPath) *dbus.Error {
	p.Closed <- struct{}{}
	p.conn.Object(string(sender), callback).Go(prompterInterface+".Callback.PromptDone", dbus.FlagNoReplyExpected, nil)
	return nil
}

// ready calls the keyring back once the reply to its own call is out, which the
// library sends after the method has returned and does not report: gcr in the
// keyring drops what comes before that reply.
func (p *Prompter) ready(sender dbus.Sender, callback dbus.ObjectPath, reply, sealed string) {
	time.AfterFunc(50*time.Millisecond, func() {
		p.conn.Object(string(sender), callback).Go(prompterInterface+".Callback.PromptReady", dbus.FlagNoReplyExpected, nil,
			reply, map[string]dbus.Variant{}, sealed)
	})
}

// exchange is gcr's way (GcrSecretExchange, "sx-aes-1") to keep a password from
// whoever watches the bus: Diffie-Hellman over the 1536-bit group of RFC 3526, HKDF
// with SHA-256, AES-128 in CBC mode.
type exchange struct{ prime, private, public *big.Int }

const modp1536 = "FFFFFFFFFFFFFFFFC90FDAA22168C234C4C6628B80DC1CD129024E088A67CC74020BBEA63B139B22514A08798E3404DD" +
	"EF9519B3CD3A431B302B0A6DF25F14374FE1356D6D51C245E485B576625E7EC6F44C42E9A637ED6B0BFF5CB6F406B7ED" +
	"EE386BFB5A899FA5AE9F24117C4B1FE649286651ECE45B3DC2007CB8A163BF0598DA48361C55D39A69163FA8FD24CF5F" +
	"83655D23DCA3AD961C62F356208552BB9ED529077096966D670C354E4ABC9804F1746C08CA237327FFFFFFFFFFFFFFFF"

func newExchange() *exchange {
	x := &exchange{prime: new(big.Int)}
	x.prime.SetString(modp1536, 16)
	private := make([]byte, 64)
	_, _ = rand.Read(private) // which never fails
	x.private = new(big.Int).SetBytes(private)
	x.public = new(big.Int).Exp(big.NewInt(2), x.private, x.prime)
	return x
}

func (x *exchange) begin() string {
	return "[sx-aes-1]\npublic=" + base64.StdEncoding.EncodeToString(x.public.Bytes()) + "\n"
}

// seal encrypts a secret for the peer whose half of the key is in theirs.
func (x *exchange) seal(theirs, secret string) (string, error) {
	var peer []byte
	for line := range strings.Lines(theirs) {
		if text, ok := strings.CutPrefix(strings.TrimSpace(line), "public="); ok {
			var err error
			if peer, err = base64.StdEncoding.DecodeString(text); err != nil {
				return "", err
			}
		}
	}
	if peer == nil {
		return "", fmt.Errorf("no public key in %q", theirs)
	}
	shared := new(big.Int).Exp(new(big.Int).SetBytes(peer), x.private, x.prime)
	key, err := hkdf.Key(sha256.New, shared.FillBytes(make([]byte, 192)), nil, "", 16)
	if err != nil {
		return "", err
	}
	block, err := aes.NewCipher(key)
	if err != nil {
		return "", err
	}
	fill := aes.BlockSize - len(secret)%aes.BlockSize // PKCS #7
	sealed := append([]byte(secret), bytes.Repeat([]byte{byte(fill)}, fill)...)
	iv := make([]byte, aes.BlockSize)
	_, _ = rand.Read(iv)
	cipher.NewCBCEncrypter(block, iv).CryptBlocks(sealed, sealed)
	encode := base64.StdEncoding.EncodeToString
	return x.begin() + "secret=" + encode(sealed) + "\niv=" + encode(iv) + "\n", nil
}
