"""The Spanish lexicon (of Spain): nouns with their gender, colours, materials, and the words of inspections."""

from __future__ import annotations

MASCULINE = {
    "car": "coche", "estate car": "coche familiar", "hatchback": "utilitario", "minivan": "monovolumen",
    "SUV": "todoterreno", "taxi": "taxi", "truck": "camión", "bus": "autobús", "vehicle": "vehículo",
    "cyclist": "ciclista", "pedestrian": "peatón", "object": "objeto", "building": "edificio",
    "tree": "árbol", "hedge": "seto", "post": "poste", "traffic light": "semáforo",
    "traffic cone": "cono de tráfico", "bollard": "bolardo", "bench": "banco",
    "street name sign": "letrero de calle", "animal": "animal", "cat": "gato", "deer": "ciervo",
    "dog": "perro", "horse": "caballo", "shelf": "estante", "robot arm": "brazo robótico",
    "block": "bloque", "cone": "cono", "cube": "cubo", "cylinder": "cilindro", "ring": "anillo",
    "book": "libro", "bowl": "cuenco", "crate": "cajón", "glass": "vaso", "jar": "tarro",
    "jug": "jarro", "vase": "jarrón", "kettle": "hervidor", "knife": "cuchillo", "fork": "tenedor",
    "banana": "plátano", "lemon": "limón", "tomato": "tomate", "packet": "paquete",
    "milk carton": "cartón de leche", "plank": "tablón", "picture": "cuadro", "clock": "reloj",
    "plate": "plato", "gear": "engranaje", "bracket": "soporte", "closure": "tapón",
}  # fmt: skip
FEMININE = {
    "van": "furgoneta", "sedan": "berlina", "pickup truck": "camioneta", "bicycle": "bicicleta",
    "table": "mesa", "worktop": "encimera", "sign": "señal", "traffic sign": "señal de tráfico",
    "lamp post": "farola", "litter bin": "papelera", "bus shelter": "marquesina", "cow": "vaca",
    "sheep": "oveja", "bookcase": "estantería", "chair": "silla", "ball": "bola", "box": "caja",
    "sphere": "esfera", "capsule": "cápsula", "pyramid": "pirámide", "apple": "manzana",
    "basket": "cesta", "bottle": "botella", "can": "lata", "tin": "lata de conservas",
    "carrot": "zanahoria", "loaf": "hogaza",
    "cup": "taza de té", "mug": "taza", "wine glass": "copa", "carafe": "jarra", "pot": "olla",
    "pan": "sartén", "teapot": "tetera", "toaster": "tostadora", "cutting board": "tabla de cortar",
    "spoon": "cuchara", "pear": "pera", "orange": "naranja", "cereal box": "caja de cereales",
    "plant": "planta", "lamp": "lámpara", "machined plate": "placa mecanizada",
    "circuit board": "placa de circuito", "casting": "pieza de fundición",
}  # fmt: skip

PLURALS = {"monovolumen": "monovolúmenes"}
"""Those that no rule gives."""

COLOURS = {
    "black": "negro", "white": "blanco", "silver": "plateado", "grey": "gris", "red": "rojo",
    "blue": "azul", "green": "verde", "yellow": "amarillo", "orange": "naranja", "brown": "marrón",
    "beige": "beige", "navy": "azul marino", "purple": "morado", "pink": "rosa", "cyan": "cian",
}  # fmt: skip
INVARIABLE = frozenset({"naranja", "beige", "azul marino", "rosa", "cian"})
"""Colours named after things, which never bend."""

MATERIALS = {
    "plastic": "plástico", "metal": "metal", "rubber": "goma", "wooden": "madera", "glass": "cristal",
    "ceramic": "cerámica", "fabric": "tela", "leather": "cuero", "stone": "piedra", "paper": "papel",
}  # fmt: skip

FLAWS = {
    "scratch": ("m", "arañazo", ""), "dent": ("f", "abolladura", ""), "crack": ("f", "grieta", ""),
    "burr": ("f", "rebaba", ""), "missing_hole": ("f", "falta", "de taladro"), "stain": ("f", "mancha", ""),
    "chip": ("f", "mella", ""), "misprint": ("m", "fallo", "de impresión"),
}  # fmt: skip
"""Kind of defect -> gender, noun, and what follows its adjective."""
GRADES = {"minor": "leve", "major": "grave", "critical": "crítico"}
ACROSS = frozenset({"dent", "stain", "missing_hole", "misprint"})
"""Kinds whose size is a width; the others have a length."""

FACES = {
    "top face": "la cara superior", "machined top face": "la cara superior mecanizada",
    "side face": "la cara lateral", "component side": "la cara de componentes", "web": "el alma",
    "rim": "la llanta", "flange": "la brida", "base flange": "el ala de la base",
    "upright flange": "el ala vertical", "shoulder": "el reborde",
}  # fmt: skip
FEATURES = {
    "bore": "el orificio central", "slot": "la ranura", "left slot": "la ranura izquierda",
    "right slot": "la ranura derecha", "bend": "el pliegue", "keyway": "el chavetero",
    "serial number": "el número de serie", "part number": "el número de pieza", "brand": "la marca",
    "lot number": "el número de lote", "middle": "el centro", "logo": "el logotipo",
}  # fmt: skip
NUMBERED = {"window": "la ventana", "tooth": "el diente", "screw hole": "el agujero roscado"}
HOLES = {
    "mounting hole": "el agujero de montaje",
    "bolt hole": "el agujero de perno",
    "hole": "el agujero",
}  # fmt: skip
PLACES = {
    "upper": "superior", "lower": "inferior", "front": "delantero", "rear": "trasero",
    "left": "izquierdo", "right": "derecho", "middle": "central",
}  # fmt: skip

SHELVES = {"top": "superior", "bottom": "inferior", "middle": "central"}
ORDINALS = {"second": "segundo", "third": "tercer", "fourth": "cuarto", "fifth": "quinto"}
GROUNDS = {
    "pavement": "la acera",
    "road": "la calzada",
    "ground": "el suelo",
    "floor": "el suelo de la habitación",
}  # fmt: skip
STREETS = {"street": "calle", "road": "carretera", "motorway": "autopista"}
SIDES = {"left": "izquierda", "right": "derecha"}
LINED = {"trees": "árboles", "buildings": "edificios"}
SURFACES = {"wet": "mojada", "snow-covered": "cubierta de nieve"}
MOODS = {
    "sunny": "en un día soleado", "low sun": "con el sol bajo", "cloudy": "bajo un cielo nublado",
    "overcast": "bajo un cielo cubierto", "foggy": "bajo la niebla", "rainy": "bajo la lluvia",
    "snowy": "bajo una nevada", "dusty": "con polvo en el aire",
}  # fmt: skip
SKIES = {
    "sunny": "hace sol en", "low sun": "el sol está bajo sobre", "foggy": "hay niebla en",
    "cloudy": "el cielo está nublado sobre", "overcast": "el cielo está cubierto sobre",
    "rainy": "está lloviendo en", "snowy": "está nevando en",
    "dusty": "el aire está cargado de polvo en",
}  # fmt: skip
"""How a sentence begins that goes on with what we are on."""
DAYS = {
    "sunny": "soleado", "cloudy": "nublado", "overcast": "de cielo cubierto", "foggy": "de niebla",
    "rainy": "lluvioso", "snowy": "de nevada", "dusty": "polvoriento",
}  # fmt: skip
"""What a day or a night is like."""
HOURS = {"night": "de noche", "twilight": "a la hora del crepúsculo"}
TAGS = {
    "sunny": "soleado", "low sun": "sol bajo", "cloudy": "nublado", "overcast": "cielo cubierto",
    "foggy": "niebla", "rainy": "lluvia", "snowy": "nevada", "dusty": "polvo", "night": "noche",
    "twilight": "crepúsculo", "wet": "suelo mojado", "snow-covered": "suelo nevado",
}  # fmt: skip
EFFECTS = {
    "braking": ("estamos frenando", "hemos frenado", "frenar"),
    "stopping": ("nos estamos deteniendo", "nos hemos detenido", "detenernos"),
    "lane_change": ("estamos cambiando de carril", "hemos cambiado de carril", "cambiar de carril"),
    "moving_over": ("nos estamos desplazando", "nos hemos desplazado", "desplazarnos"),
}
"""What we do now, have done, and are made to do."""
ACTS = {
    "crossing_road": ("que cruza la calzada", "que cruzaba la calzada"),
    "cutting_in": ("que se nos cruza", "que se nos cruzaba"),
    "ran_red": ("que se salta un semáforo en rojo", "que se saltaba un semáforo en rojo"),
    "lane_change": ("que cambia de carril", "que cambiaba de carril"),
    "moving_over": ("que se desplaza de lado", "que se desplazaba de lado"),
    "stopping": ("que se detiene", "que se detenía"),
    "braking": ("que reduce la velocidad", "que reducía la velocidad"),
    "starting": ("que arranca", "que arrancaba"),
    "turning": ("que gira", "que giraba"),
}
"""What a cause does, or did as we did what it made us do."""
