import assert from 'node:assert/strict'
import { test } from 'node:test'
import { toText } from './to-text.ts'

test('an HTML email reads as it looks', () => {
  const html = `<html><head><title>Hidden</title><style>p { color: red }</style></head><body>
    <h1>Order&nbsp;1</h1><p>Dear   Ada,<br>thank <b>you</b> for <i>the</i>order.</p>
    <ul><li>Tea &amp; cake</li><li>Bread</li></ul>
    <table><tr><td>Sum</td><td>5&euro;</td></tr></table><div>Bye</div><div>Bob</div><img alt="Logo" src="x"><script>alert(1)</script></body></html>`
  assert.equal(
    toText(html),
    'Order 1\n\nDear Ada,\nthank you for theorder.\n\n- Tea & cake\n- Bread\n\nSum 5€\n\nBye\nBob\nLogo',
  )
})

test('what mail programs put between the blocks makes no holes', () => {
  assert.equal(toText('<div>a</div>\n\n<div><br></div>\n<div><br></div><div><br></div><div>b</div>'), 'a\n\nb')
  assert.equal(toText('<p>a</p><p></p><p>\u200b</p><p>b</p>'), 'a\n\nb')
  assert.equal(toText('<ul><li><p>a</p></li><li></li><li><p>b</p></li></ul>'), '- a\n\n- b')
  assert.equal(toText('plain &lt;text&gt;'), 'plain <text>')
  assert.equal(toText(''), '')
})

test('size and depth are bounded', () => {
  assert.equal(toText(`<p>${'x'.repeat(900_000)}</p>`).length, 200_000)
  // Without a bound of depth this takes ten seconds.
  assert.equal(toText(`a${'<div>'.repeat(150_000)}x`), 'a')
  assert.equal(toText('</script></style>x'), 'x')
})
