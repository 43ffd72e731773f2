"""Counting tokens with a real tokenizer, so that a budget means what it says."""

import functools
from collections.abc import Iterable
from pathlib import Path

from tokenizers import Encoding, Tokenizer
from tokenizers.models import WordPiece
from tokenizers.normalizers import BertNormalizer
from tokenizers.pre_tokenizers import BertPreTokenizer
from tokenizers.processors import TemplateProcessing

VOCABULARY = Path(__file__).parent / "vocabulary" / "bert-base-uncased.txt"

_UNKNOWN = "[UNK]"
_BATCH = 512
_SLICE = 50_000  # characters; a normaliser over one huge string takes far more memory than the string


def count_tokens(text: str) -> int:
    """Count the WordPiece tokens of `text`, without the special ones around it.

    A word that the vocabulary lacks counts as a third of its UTF-8 bytes, rounded up, which is near what the
    byte-level tokenizers of language models make of it: exotic text is not undercounted.

    Args:
        text: Any text; a lone surrogate counts as a question mark.

    Returns:
        0 for blank text.
    """
    return count_tokens_batch([text])[0]


def count_tokens_batch(texts: Iterable[str]) -> list[int]:
    """Count the tokens of each text, as `count_tokens` does, in one call of the tokenizer per 512 texts.

    Args:
        texts: Any texts; those over 50 000 characters are counted in slices, which may add a token at each cut.

    Returns:
        One count a text, in order.
    """
    slices: list[str] = []
    owners: list[int] = []
    total = 0
    for owner, text in enumerate(texts):
        total = owner + 1
        clean = encodable(text)
        cuts = [clean] if len(clean) <= _SLICE else [clean[at : at + _SLICE] for at in range(0, len(clean), _SLICE)]
        slices.extend(cuts)
        owners.extend([owner] * len(cuts))
    counts = [0] * total
    for at in range(0, len(slices), _BATCH):
        batch = slices[at : at + _BATCH]
        encodings = wordpiece().encode_batch_fast(batch, add_special_tokens=False)
        for owner, text, encoding in zip(owners[at : at + _BATCH], batch, encodings, strict=True):
            counts[owner] += _count(text, encoding)
    return counts


@functools.lru_cache(maxsize=1)
def wordpiece() -> Tokenizer:
    """Build, once, the tokenizer that all share: lower case, BERT's word rules, `[CLS] … [SEP]` around a text.

    It has neither truncation nor padding, and nobody may set them here; `Tokenizer.from_str(wordpiece().to_str())`
    is an own copy.
    """
    words = VOCABULARY.read_text(encoding="utf-8").split("\n")
    ids = {word: number for number, word in enumerate(words) if word}
    tokenizer = Tokenizer(WordPiece(ids, unk_token=_UNKNOWN, max_input_chars_per_word=100))
    tokenizer.normalizer = BertNormalizer(lowercase=True)
    tokenizer.pre_tokenizer = BertPreTokenizer()
    tokenizer.post_processor = TemplateProcessing(
        single="[CLS] $A [SEP]",
        pair="[CLS] $A [SEP] $B:1 [SEP]:1",
        special_tokens=[("[CLS]", ids["[CLS]"]), ("[SEP]", ids["[SEP]"])],
    )
    return tokenizer


def encodable(text: str) -> str:
    """Replace lone surrogates, which no UTF-8 encoder takes, by question marks."""
    try:
        text.encode()
    except UnicodeEncodeError:
        return text.encode("utf-8", "replace").decode()
    return text


def _count(text: str, encoding: Encoding) -> int:
    ids: list[int] = encoding.ids
    unknown = wordpiece().token_to_id(_UNKNOWN)
    if unknown in ids:
        # The fast encoding has no offsets, and few texts need them.
        exact = wordpiece().encode(text, add_special_tokens=False)
        sources = (
            text[start:end] for number, (start, end) in zip(exact.ids, exact.offsets, strict=True) if number == unknown
        )
        return len(ids) + sum(_thirds(source) - 1 for source in sources)
    # BERT's rules drop control and private characters, but a model pays for a text of nothing else.
    return len(ids) or _thirds("".join(text.split()))


def _thirds(source: str) -> int:
    return -(-len(source.encode()) // 3)
