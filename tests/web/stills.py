"""Halftone two-ink stills drawn by code, so that pages can be judged with pictures in them."""

from __future__ import annotations

import random
from pathlib import Path

import numpy as np
from PIL import Image, ImageDraw, ImageFilter

WIDTH, HEIGHT = 480, 270
INKS = [
    ((22, 20, 45), (255, 214, 92)),
    ((12, 48, 40), (214, 240, 205)),
    ((52, 8, 14), (255, 176, 160)),
    ((16, 28, 60), (205, 222, 255)),
    ((40, 20, 52), (240, 208, 255)),
    ((38, 30, 10), (255, 236, 190)),
]


def draw(path: Path, seed: int) -> Path:
    """A still of one of six scenes, in two inks; the same seed gives the same picture."""
    chance = random.Random(seed)
    scene = SCENES[seed % len(SCENES)](chance).filter(ImageFilter.GaussianBlur(1.2))
    grey = np.asarray(scene).astype(float)
    down, across = np.mgrid[0:HEIGHT, 0:WIDTH]
    turn = 0.5
    along = (across * np.cos(turn) + down * np.sin(turn)) / 4.4
    beside = (-across * np.sin(turn) + down * np.cos(turn)) / 4.4
    screen = (np.cos(2 * np.pi * along) + np.cos(2 * np.pi * beside)) / 4 + 0.5
    dots = np.clip((grey / 255 - screen * 0.85 + 0.42) * 3.2, 0, 1)[..., None]
    tone = 0.55 * dots + 0.45 * (grey / 255)[..., None]
    dark, light = (np.array(ink) for ink in INKS[(seed * 5 + seed // 6) % len(INKS)])
    Image.fromarray((dark * (1 - tone) + light * tone).astype("uint8")).save(path, quality=78)
    return path


def _sky(top: int, bottom: int) -> Image.Image:
    return Image.fromarray((np.linspace(top, bottom, HEIGHT)[:, None] * np.ones((1, WIDTH))).astype("uint8"))


def _city(chance: random.Random) -> Image.Image:
    picture = _sky(225, 120)
    pen = ImageDraw.Draw(picture)
    for layer, shade in enumerate((150, 95, 35)):
        x = -20
        while x < WIDTH:
            width, height = chance.randint(24, 70), chance.randint(60, 130)
            top = HEIGHT - height + layer * 30
            pen.rectangle([x, top, x + width, HEIGHT], fill=shade)
            if layer == 2:
                for row in range(top + 8, HEIGHT, 14):
                    for column in range(x + 5, x + width - 7, 11):
                        if chance.random() < 0.4:
                            pen.rectangle([column, row, column + 5, row + 6], fill=210)
            x += width + chance.randint(0, 10)
    return picture


def _forest(chance: random.Random) -> Image.Image:
    picture = _sky(240, 140)
    pen = ImageDraw.Draw(picture)
    pen.ellipse([325, 30, 390, 95], fill=255)
    for layer, shade in enumerate((165, 110, 40)):
        ground = HEIGHT - 45 + layer * 30
        for _ in range(30):
            x, height = chance.randint(-20, WIDTH), chance.randint(60, 125) + layer * 15
            pen.polygon([(x, ground), (x + 20, ground - height), (x + 40, ground)], fill=shade)
        pen.rectangle([0, min(HEIGHT - 2, ground - 2), WIDTH, HEIGHT], fill=shade)
    return picture


def _microphone(_chance: random.Random) -> Image.Image:
    picture = _sky(90, 30)
    pen = ImageDraw.Draw(picture)
    pen.ellipse([90, -105, 465, 270], fill=150)
    pen.rounded_rectangle([206, 45, 274, 165], 34, fill=240)
    for y in range(56, 150, 10):
        pen.line([210, y, 270, y], fill=120, width=2)
    pen.arc([187, 90, 293, 195], 0, 180, fill=235, width=7)
    pen.line([240, 194, 240, 248], fill=235, width=7)
    pen.line([202, 248, 278, 248], fill=235, width=7)
    return picture


def _crowd(chance: random.Random) -> Image.Image:
    picture = _sky(230, 170)
    pen = ImageDraw.Draw(picture)
    for row in range(5):
        shade, y, size = 160 - row * 32, 112 + row * 33, 13 + row * 3
        for x in range(-30, WIDTH, 40 + row * 3):
            left = x + chance.randint(-6, 6)
            pen.ellipse([left, y - size, left + 2 * size, y + size], fill=shade)
            pen.ellipse([left - size * 0.8, y + size * 0.7, left + 2.8 * size, y + 5 * size], fill=shade)
    for x in (68, 195, 352):
        pen.rectangle([x, 24 + chance.randint(0, 30), x + 82, 84], fill=250)
        pen.line([x + 41, 84, x + 41, 150], fill=70, width=5)
    return picture


def _factory(_chance: random.Random) -> Image.Image:
    picture = _sky(215, 150)
    pen = ImageDraw.Draw(picture)
    for x in (90, 142, 352):
        pen.rectangle([x, 68, x + 26, 225], fill=60)
        for puff in range(6):
            size, left, top = 15 + puff * 7, x + 8 + puff * 20, 52 - puff * 9
            pen.ellipse([left, top - size / 2, left + size * 1.6, top + size / 2], fill=190 + puff * 6)
    for x in range(30, 450, 68):
        pen.polygon([(x, 180), (x, 142), (x + 68, 180)], fill=45)
    pen.rectangle([30, 180, 450, HEIGHT], fill=45)
    for x in range(45, 435, 30):
        pen.rectangle([x, 199, x + 16, 218], fill=200)
    return picture


def _rails(_chance: random.Random) -> Image.Image:
    picture = _sky(225, 205)
    pen = ImageDraw.Draw(picture)
    pen.polygon([(0, HEIGHT), (WIDTH, HEIGHT), (WIDTH, 128), (0, 128)], fill=120)
    pen.polygon([(188, HEIGHT), (292, HEIGHT), (244, 128), (236, 128)], fill=70)
    for tie in range(14):
        y = 131 + (tie / 13) ** 1.8 * 139
        half = 9 + (y - 128) * 0.75
        pen.rectangle([240 - half, y, 240 + half, y + 2 + tie * 0.5], fill=40)
    pen.line([135, HEIGHT, 238, 128], fill=245, width=4)
    pen.line([345, HEIGHT, 244, 128], fill=245, width=4)
    for x in range(15, 480, 82):
        pen.line([x, 45, x, 131], fill=60, width=4)
        pen.line([x - 20, 56, x + 20, 56], fill=60, width=3)
    return picture


SCENES = [_city, _forest, _microphone, _crowd, _factory, _rails]
