"""Random hand-made scenes, from named streams, and two busy ones that have something of everything."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from pairforge.captioners.caption import write
from pairforge.captioners.facts import measure
from pairforge.sample import Contact, Keyframe, SceneRecord
from pairforge.scenes.colours import PALETTE
from pairforge.seeding import Stream
from tests.captioners.hand_made import (
    CAR,
    NOW_NS,
    PERSON,
    VAN,
    HandScene,
    Thing,
    make,
    on_table,
    outdoors,
    standing,
    street,
    tabletop,
)

KINDS = ("short", "dense", "driving")
COLOURS = tuple(PALETTE)
_VEHICLES = (
    ("hatchback", "car", CAR),
    ("sedan", "car", CAR),
    ("SUV", "car", (4.6, 1.9, 1.8)),
    ("van", "van", VAN),
)
_VEHICLES += (("truck", "truck", (7.5, 2.4, 3.0)), ("bus", "bus", (11.0, 2.5, 3.1)))


def told(scene: HandScene, seed: int) -> tuple[Keyframe, SceneRecord]:
    """The keyframe with its facts and captions."""
    frame, record = make(scene)
    frame = replace(frame, facts=measure(frame, record))
    return replace(frame, captions=write(frame, record, KINDS, Stream(seed, "test"))), record


def random_street(seed: int, width: int = 320) -> HandScene:
    rng = Stream(seed, "street").rng()
    things: list[Thing] = []

    def vehicle(x: float, y: float, yaw: float, speed: float) -> Thing:
        noun, semantic, size = _VEHICLES[int(rng.integers(len(_VEHICLES)))]
        colour = COLOURS[int(rng.integers(6))]
        velocity = (float(np.cos(yaw)) * speed, float(np.sin(yaw)) * speed, 0.0)
        return Thing(noun, semantic, (x, y, size[2] / 2), size, colour, yaw=yaw, velocity=velocity)

    if rng.random() < 0.7:
        lead = vehicle(float(rng.uniform(10, 60)), -1.6, 0.0, float(rng.choice([0.0, 5.0, 9.0, 9.2, 12.0])))
        if lead.velocity[0] > 1:
            lead.acceleration = (float(rng.choice([0.0, -1.5])), 0.0, 0.0)
        things.append(lead)
    for k in range(int(rng.integers(0, 4))):
        things.append(
            vehicle(20.0 + 18 * k + float(rng.uniform(0, 6)), 1.6, np.pi, float(rng.uniform(3, 12)))
        )
    for side in (-5.2, 5.2):
        for k in range(int(rng.integers(0, 4))):
            things.append(vehicle(9.0 + 12.5 * k + float(rng.uniform(0, 2)), side, 0.0, 0.0))
    for _ in range(int(rng.integers(0, 5))):
        speed = float(rng.choice([0.0, 1.3]))
        place = (float(rng.uniform(7, 35)), float(rng.choice([-7.2, 7.2])), PERSON[2] / 2)
        things.append(Thing("pedestrian", "pedestrian", place, PERSON, velocity=(speed, 0.0, 0.0)))
    if rng.random() < 0.4:
        at = (float(rng.uniform(8, 30)), -3.1, 0.9)
        things.append(Thing("cyclist", "cyclist", at, (1.8, 0.6, 1.8), velocity=(4.0, 0.0, 0.0)))
    for k in range(int(rng.integers(0, 6))):
        things.append(
            Thing("tree", "vegetation", (8.0 + 9 * k, float(rng.choice([-9, 9])), 3.0), (1.5, 1.5, 6.0))
        )
    sky = {"cloudiness": float(rng.choice([0.1, 0.5, 0.9])), "wetness": float(rng.choice([0.0, 0.9]))}
    sky["fog_per_m"] = float(rng.choice([0.0, 0.0, 0.02]))
    more = Stream(seed, "street/weather").rng()
    sky["rain_mm_h"], sky["snow_mm_h"] = [(0.0, 0.0), (0.0, 0.0), (5.0, 0.0), (0.0, 1.0)][
        int(more.integers(4))
    ]
    sky["dust_per_m"] = float(more.choice([0.0, 0.0, 0.0, 0.02]))
    sky["snow_cover"] = float(more.choice([0.0, 0.0, 0.9]))
    sky["sun_elevation"] = float(more.choice([0.8, 0.8, 0.1, -0.06, -0.4]))
    sky["sun_strength"] = 1.0 if sky["sun_elevation"] > 0 else 0.0
    speed = float(rng.choice([0.0, 6.0, 9.0, 13.0]))
    brake, acceleration = [(0.0, 0.0), (0.4, -1.5), (0.0, 1.2)][int(rng.integers(3))]
    turn = float(rng.choice([0.0, 0.1, -0.1]))
    return street(
        things,
        speed=speed,
        width=width,
        sky=sky,
        brake=brake,
        acceleration=acceleration * (speed > 0),
        yaw_rate=turn,
    )


def random_table(seed: int, width: int = 320) -> HandScene:
    rng = Stream(seed, "table").rng()
    nouns, materials = ("cube", "ball", "mug", "bowl", "cylinder"), ("", "wood", "metal", "rubber")
    spots = [(x, y) for x in (-0.45, -0.15, 0.15, 0.45) for y in (-0.3, -0.1, 0.1, 0.3)]
    rng.shuffle(spots)
    things, contacts = [], []
    for k in range(int(rng.integers(1, 9))):
        x, y = (c + float(rng.uniform(-0.03, 0.03)) for c in spots[k])
        noun, colour = nouns[int(rng.integers(len(nouns)))], COLOURS[int(rng.integers(5))]
        material = materials[int(rng.integers(len(materials)))]
        thing = on_table(noun, colour, x, y, float(rng.uniform(0.05, 0.13)), material)
        kind = int(rng.integers(5))
        if kind == 0:
            thing = replace(thing, velocity=(0.0, 0.0, -1.5))
            thing.centre = (x, y, thing.centre[2] + float(rng.uniform(0.05, 0.4)))
        elif kind == 1:
            thing.velocity = (0.3, 0.0, 0.0)
        elif kind == 2:
            contacts.append(Contact(1, k + 2, NOW_NS - 200_000_000, NOW_NS + 50_000_000, 3.0))
            thing.centre = (x, y, thing.centre[2] + 0.002)
        things.append(thing)
    return tabletop(things, width=width, contacts=contacts)


def busy_street() -> HandScene:
    things = [
        Thing("hatchback", "car", (18, -1.6, 0.75), CAR, "blue", velocity=(7, 0, 0)),
        Thing("van", "van", (10, -4.6, 1.1), VAN, "white"),
        Thing("sedan", "car", (17, -4.6, 0.75), CAR, "black"),
        Thing("sedan", "car", (25, 5.2, 0.75), CAR, "silver"),
        Thing("pedestrian", "pedestrian", (17, 7.2, 0.875), PERSON, velocity=(1.2, 0, 0)),
        Thing("pedestrian", "pedestrian", (14.5, -5.4, 0.875), PERSON),
        Thing("truck", "truck", (40, 1.6, 1.5), (7, 2.3, 3), "green", yaw=np.pi, velocity=(-8, 0, 0)),
        *(Thing("tree", "vegetation", (10.0 + 9 * k, 9.0, 3.0), (1.5, 1.5, 6.0)) for k in range(4)),
    ]
    return street(things, brake=0.3, acceleration=-1.0)


def busy_table() -> HandScene:
    things = [
        on_table("mug", "red", -0.2, -0.2, material="ceramic"),
        on_table("cube", "blue", -0.1, 0.2, material="wood"),
        on_table("cube", "green", 0.3, 0.0, 0.12),
        on_table("ball", "yellow", 0.1, -0.35, lift=0.3, velocity=(0.0, 0.0, -2.0)),
    ]
    return tabletop(things)


def busy_yard() -> HandScene:
    """A ball on top of a box, a cylinder and two cubes on the ground, a can that falls."""
    things = [
        standing("box", "red", 0.0, -0.6, 0.5, "rubber"),
        standing("ball", "blue", 0.0, -0.6, 0.25, lift=0.5),
        standing("cylinder", "yellow", 0.3, 0.6, material="metal"),
        *(standing("cube", "green", -0.8, y, 0.3, "wood") for y in (-0.2, 0.2)),
        standing("can", "orange", 0.6, 1.2, 0.3, lift=0.7, velocity=(0.0, 0.0, -2.0)),
    ]
    return outdoors(things, contacts=[Contact(1, 2, 0, NOW_NS + 100_000_000, 4.0)])


def scene_named(name: str) -> HandScene:
    """ "street 3" or "table 5" (random, of that seed, 240 pixels wide); "busy street", "busy table", "busy yard"."""
    kind, which = name.split(" ")
    if kind == "busy":
        return {"street": busy_street, "table": busy_table, "yard": busy_yard}[which]()
    return (random_street if kind == "street" else random_table)(int(which), 240)
