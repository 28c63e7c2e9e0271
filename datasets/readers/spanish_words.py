"""The Spanish reader's own lexicon, learnt from no template: what each word means, in which genders and numbers."""

from __future__ import annotations

from itertools import product

_NOUNS = """
car m coche coches
estate car m coche familiar, coches familiares
hatchback m utilitario utilitarios
minivan m monovolumen monovolúmenes
SUV m todoterreno todoterrenos
taxi m taxi taxis
truck m camión camiones
bus m autobús autobuses
vehicle m vehículo vehículos
van f furgoneta furgonetas
sedan f berlina berlinas
pickup truck f camioneta camionetas
bicycle f bicicleta bicicletas
cyclist m ciclista ciclistas
pedestrian m peatón peatones
object m objeto objetos
building m edificio edificios
tree m árbol árboles
hedge m seto setos
post m poste postes
lamp post f farola farolas
sign f señal señales
traffic sign f señal de tráfico, señales de tráfico
street name sign m letrero de calle, letreros de calle
traffic light m semáforo semáforos
traffic cone m cono de tráfico, conos de tráfico
bollard m bolardo bolardos
bench m banco bancos
litter bin f papelera papeleras
bus shelter f marquesina marquesinas
animal m animal animales
cat m gato gatos
deer m ciervo ciervos
dog m perro perros
horse m caballo caballos
cow f vaca vacas
sheep f oveja ovejas
shelf m estante estantes
bookcase f estantería estanterías
chair f silla sillas
table f mesa mesas
worktop f encimera encimeras
robot arm m brazo robótico, brazos robóticos
block m bloque bloques
cone m cono conos
cube m cubo cubos
cylinder m cilindro cilindros
ring m anillo anillos
ball f bola bolas
box f caja cajas
sphere f esfera esferas
capsule f cápsula cápsulas
pyramid f pirámide pirámides
book m libro libros
bowl m cuenco cuencos
crate m cajón cajones
glass m vaso vasos
jar m tarro tarros
jug m jarro jarros
vase m jarrón jarrones
kettle m hervidor hervidores
knife m cuchillo cuchillos
fork m tenedor tenedores
spoon f cuchara cucharas
banana m plátano plátanos
lemon m limón limones
tomato m tomate tomates
apple f manzana manzanas
pear f pera peras
orange f naranja naranjas
carrot f zanahoria zanahorias
loaf f hogaza hogazas
packet m paquete paquetes
milk carton m cartón de leche, cartones de leche
cereal box f caja de cereales, cajas de cereales
plank m tablón tablones
cutting board f tabla de cortar, tablas de cortar
picture m cuadro cuadros
clock m reloj relojes
plate m plato platos
basket f cesta cestas
bottle f botella botellas
can f lata latas
tin f lata de conservas, latas de conservas
mug f taza tazas
cup f taza de té, tazas de té
wine glass f copa copas
carafe f jarra jarras
pot f olla ollas
pan f sartén sartenes
teapot f tetera teteras
toaster f tostadora tostadoras
plant f planta plantas
lamp f lámpara lámparas
gear m engranaje engranajes
bracket m soporte soportes
closure m tapón tapones
machined plate f placa mecanizada, placas mecanizadas
circuit board f placa de circuito, placas de circuito
casting f pieza de fundición, piezas de fundición
"""


def _noun(line: str) -> tuple[str, tuple[str, str, str]]:
    key, gender, forms = next(
        (line.split(f" {g} ", 1)[0], g, line.split(f" {g} ", 1)[1]) for g in "mf" if f" {g} " in line
    )
    one, many = forms.split(", ") if ", " in forms else forms.split(" ")
    return key, (gender, one, many)


NOUNS: dict[str, tuple[str, str, str]] = dict(_noun(line) for line in _NOUNS.strip().splitlines())
"""Key -> gender, singular, plural."""

PEOPLE = frozenset({"pedestrian", "cyclist"})

_COLOURS = """
black negro negra negros negras
white blanco blanca blancos blancas
silver plateado plateada plateados plateadas
grey gris gris grises grises
red rojo roja rojos rojas
blue azul azul azules azules
green verde verde verdes verdes
yellow amarillo amarilla amarillos amarillas
brown marrón marrón marrones marrones
purple morado morada morados moradas
"""
_FIXED = {"orange": "naranja", "beige": "beige", "navy": "azul marino", "pink": "rosa", "cyan": "cian"}
COLOURS: dict[str, dict[str, str]] = {
    line.split()[0]: dict(zip(("sm", "sf", "pm", "pf"), line.split()[1:], strict=True))
    for line in _COLOURS.strip().splitlines()
} | {key: dict.fromkeys(("sm", "sf", "pm", "pf"), said) for key, said in _FIXED.items()}
"""Key -> its form for a number and a gender."""

MATERIALS = {
    "plástico": "plastic", "metal": "metal", "goma": "rubber", "madera": "wooden", "cristal": "glass",
    "cerámica": "ceramic", "tela": "fabric", "cuero": "leather", "piedra": "stone", "papel": "paper",
}  # fmt: skip

NUMBERS = (
    "cero",
    "un",
    "dos",
    "tres",
    "cuatro",
    "cinco",
    "seis",
    "siete",
    "ocho",
    "nueve",
    "diez",
    "once",
    "doce",
)

KEYS = {
    "izquierda": "left", "derecha": "right", "izquierdo": "left", "derecho": "right",
    "acera": "pavement", "calzada": "road", "suelo": "ground", "suelo de la habitación": "floor",
    "calle": "street", "carretera": "road", "autopista": "motorway",
    "en un día soleado": "sunny", "con el sol bajo": "low sun", "bajo un cielo nublado": "cloudy",
    "bajo un cielo cubierto": "overcast", "bajo la niebla": "foggy", "bajo la lluvia": "rainy",
    "bajo una nevada": "snowy", "con polvo en el aire": "dusty",
    "hace sol": "sunny", "el sol está bajo": "low sun", "el cielo está nublado": "cloudy",
    "el cielo está cubierto": "overcast", "hay niebla": "foggy", "está lloviendo": "rainy",
    "está nevando": "snowy", "el aire está cargado de polvo": "dusty",
    "de noche": "night", "es de noche": "night", "noche": "night", "día": "day",
    "a la hora del crepúsculo": "twilight", "es la hora del crepúsculo": "twilight",
    "soleado": "sunny", "soleada": "sunny", "nublado": "cloudy", "nublada": "cloudy",
    "de cielo cubierto": "overcast", "de niebla": "foggy", "lluvioso": "rainy", "lluviosa": "rainy",
    "de nevada": "snowy", "polvoriento": "dusty", "polvorienta": "dusty",
}  # fmt: skip
"""What the words of a sentence mean, beside its noun phrases."""
SCENERY = {"árboles": "trees", "edificios": "buildings"}
SHELVES = {"superior": "top shelf", "inferior": "bottom shelf", "central": "middle shelf"} | {
    f"{said} estante desde {end}": f"{key} shelf from the {of}"
    for (said, key), (end, of) in product(
        (("segundo", "second"), ("tercer", "third"), ("cuarto", "fourth"), ("quinto", "fifth")),
        (("abajo", "bottom"), ("arriba", "top")),
    )
}

FLAWS = {
    "arañazo": ("m", "scratch", ""), "abolladura": ("f", "dent", ""), "grieta": ("f", "crack", ""),
    "rebaba": ("f", "burr", ""), "falta": ("f", "missing_hole", " de taladro"), "mancha": ("f", "stain", ""),
    "mella": ("f", "chip", ""), "fallo": ("m", "misprint", " de impresión"),
}  # fmt: skip
"""A defect's noun -> gender, key, and what follows its adjective."""
WIDE = frozenset({"dent", "stain", "missing_hole", "misprint"})
GRADES = {"leve": "minor", "grave": "major", "crítico": "critical", "crítica": "critical"}
FACES = {
    "la cara superior": "top face", "la cara superior mecanizada": "machined top face",
    "la cara lateral": "side face", "la cara de componentes": "component side", "el alma": "web",
    "la llanta": "rim", "la brida": "flange", "el ala de la base": "base flange",
    "el ala vertical": "upright flange", "el reborde": "shoulder",
}  # fmt: skip
FEATURES = {
    "el orificio central": "bore", "la ranura": "slot", "la ranura izquierda": "left slot",
    "la ranura derecha": "right slot", "el pliegue": "bend", "el chavetero": "keyway",
    "el número de serie": "serial number", "el número de pieza": "part number", "la marca": "brand",
    "el número de lote": "lot number", "el centro": "middle", "el logotipo": "logo",
}  # fmt: skip
NUMBERED = {"la ventana": "window", "el diente": "tooth", "el agujero roscado": "screw hole"}
_HOLES = (
    ("el agujero", "hole"),
    ("el agujero de perno", "bolt hole"),
    ("el agujero de montaje", "mounting hole"),
)
_AT = {
    **{f"{a} {b}": f"{c} {d}" for (a, c), (b, d) in product(
        (("superior", "upper"), ("inferior", "lower"), ("delantero", "front"), ("trasero", "rear"),
         ("central", "middle")), (("izquierdo", "left"), ("derecho", "right")))},
    "central superior": "upper middle", "central inferior": "lower middle", "izquierdo": "left", "derecho": "right",
}  # fmt: skip
FEATURES |= {f"{hole} {at}": f"{key} {name}" for (hole, name), (at, key) in product(_HOLES, _AT.items())}
TAGS = {
    **{said: ("place", key) for said, key in (("calle", "street"), ("carretera", "road"), ("autopista", "motorway"))},
    **{said: ("scenery", key) for said, key in SCENERY.items()},
    **{said: ("weather", key) for said, key in (
        ("soleado", "sunny"), ("sol bajo", "low sun"), ("nublado", "cloudy"), ("cielo cubierto", "overcast"),
        ("niebla", "foggy"), ("lluvia", "rainy"), ("nevada", "snowy"), ("polvo", "dusty"), ("noche", "night"),
        ("crepúsculo", "twilight"), ("suelo mojado", "wet"), ("suelo nevado", "snow-covered"))},
}  # fmt: skip
"""Tags that are no nouns of things, and what they claim."""

EFFECTS = {
    "estamos frenando": "braking", "hemos frenado": "braking", "frenar": "braking",
    "nos estamos deteniendo": "stopping", "nos hemos detenido": "stopping", "detenernos": "stopping",
    "estamos cambiando de carril": "lane_change", "hemos cambiado de carril": "lane_change",
    "cambiar de carril": "lane_change", "nos estamos desplazando": "moving_over",
    "nos hemos desplazado": "moving_over", "desplazarnos": "moving_over",
}  # fmt: skip
ACTS = {
    "cruza la calzada": "crossing_road", "cruzaba la calzada": "crossing_road", "se nos cruza": "cutting_in",
    "se nos cruzaba": "cutting_in", "se salta un semáforo en rojo": "ran_red",
    "se saltaba un semáforo en rojo": "ran_red", "cambia de carril": "lane_change",
    "cambiaba de carril": "lane_change",
    "se desplaza de lado": "moving_over", "se desplazaba de lado": "moving_over", "se detiene": "stopping",
    "se detenía": "stopping", "reduce la velocidad": "braking", "reducía la velocidad": "braking",
    "arranca": "starting", "arrancaba": "starting", "gira": "turning", "giraba": "turning",
}  # fmt: skip
"""What a cause does or did; the past has an imperfect."""
